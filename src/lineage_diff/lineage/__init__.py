"""The nouns: what a lineage is made of, at one commit. No I/O; imports no other room."""
