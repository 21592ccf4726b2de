"""Rules on problems of DVC's files."""
