"""Rules on metrics."""
