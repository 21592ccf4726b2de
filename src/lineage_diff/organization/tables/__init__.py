"""The tables of an organization's store: those of the history, and of the indexed commit."""
