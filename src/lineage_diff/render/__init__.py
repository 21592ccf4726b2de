"""A Report in, text and pictures out."""
