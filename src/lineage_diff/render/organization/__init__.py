"""Render the answers over many repositories."""
