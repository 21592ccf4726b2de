"""Feeds readers and whole commands with documents that nobody wrote."""
