"""Workflows to copy, our own, and what a release does to the Action."""
