"""Fold, lay out and render the lineage graph."""
