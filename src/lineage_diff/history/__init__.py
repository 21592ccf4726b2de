"""The DVC files over commits."""
