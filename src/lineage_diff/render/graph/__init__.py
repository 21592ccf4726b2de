"""The lineage graph: fold it, lay it out, draw it."""
