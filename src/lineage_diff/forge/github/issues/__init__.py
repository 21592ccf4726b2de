"""One issue about what a branch leaves stale: opened, updated and closed."""
