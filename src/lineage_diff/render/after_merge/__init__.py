"""What a branch leaves stale after a merge, as an issue."""
