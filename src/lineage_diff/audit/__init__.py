"""Questions asked months later: where a model came from, what changed it, who used that data."""
