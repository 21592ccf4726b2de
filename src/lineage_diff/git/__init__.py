"""Git objects, read from a repository."""
