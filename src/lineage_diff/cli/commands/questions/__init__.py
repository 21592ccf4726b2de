"""The commands that question the history: each answers with an audit report."""
