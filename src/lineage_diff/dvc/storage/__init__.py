"""Reads from DVC's cache and remotes."""
