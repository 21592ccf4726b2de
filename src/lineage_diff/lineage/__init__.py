"""The data of one commit: stages, versions, lineage, graph. No I/O."""
