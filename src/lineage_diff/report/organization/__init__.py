"""The published answers over many repositories."""
