"""Makes text of a repository inert, for each target."""
