"""Questions asked of a repository's history, each from its request to its report."""
