"""Compare several revisions, and the experiments of a change."""
