"""Rules on data and models that are removed or shrink."""
