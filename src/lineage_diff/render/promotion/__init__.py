"""Render the report of a promotion."""
