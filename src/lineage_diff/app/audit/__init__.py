"""Answer questions about a repository's history."""
