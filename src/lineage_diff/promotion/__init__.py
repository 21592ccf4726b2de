"""Decide whether a version of a model may be promoted. No I/O."""
