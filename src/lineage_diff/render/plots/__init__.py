"""Plots as images, charts and tables."""
