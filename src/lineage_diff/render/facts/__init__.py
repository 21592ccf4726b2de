"""The facts of a report that its templates state, each from the report alone."""
