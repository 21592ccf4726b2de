"""Rules on the configuration."""
