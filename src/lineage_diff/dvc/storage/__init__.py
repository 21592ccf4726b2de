"""Read from DVC's cache and remotes."""
