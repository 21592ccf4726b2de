"""Tells a team what a pull request does to its models."""

__version__ = "0.1.0"
