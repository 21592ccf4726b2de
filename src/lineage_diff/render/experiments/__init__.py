"""Show a table of several revisions, as text and Markdown."""
