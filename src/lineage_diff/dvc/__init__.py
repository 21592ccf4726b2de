"""Read the DVC files of a commit into a Lineage."""
