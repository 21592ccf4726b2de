"""Escape text from a repository, for each output format."""
