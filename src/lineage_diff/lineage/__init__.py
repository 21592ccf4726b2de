"""The nouns of one commit: stage, version, lineage, graph. No I/O."""
