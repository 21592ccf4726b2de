"""Rules on what stages declare."""
