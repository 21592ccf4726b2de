"""A Report in, text and pictures out: one file per format."""
