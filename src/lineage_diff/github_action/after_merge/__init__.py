"""The issue on what a push to the default branch leaves stale."""
