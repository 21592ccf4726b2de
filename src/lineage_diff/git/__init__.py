"""Read Git objects from a repository."""
