"""Decide whether stages are fresh, stale or unknown. Pure."""
