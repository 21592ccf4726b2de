"""What a branch leaves stale after a merge."""
