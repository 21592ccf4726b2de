"""Read the history of a repository's DVC files."""
