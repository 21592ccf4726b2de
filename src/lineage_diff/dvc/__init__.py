"""The DVC files of a commit in, a Lineage out."""
