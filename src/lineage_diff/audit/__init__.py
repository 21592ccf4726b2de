"""Trace, history and impact of versions over time. Pure."""
