"""The promotion of a version: a pushed tag of the registry, or a version named by hand."""
