"""Versions over time: trace, history and impact. Pure."""
