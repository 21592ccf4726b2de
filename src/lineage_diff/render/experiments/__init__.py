"""Show a table of several revisions: as text, Markdown and HTML."""
