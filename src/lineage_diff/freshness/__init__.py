"""Is a stage fresh, stale or undecidable? Pure."""
