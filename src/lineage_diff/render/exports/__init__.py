"""A Report for machines: SARIF, annotations, CSV."""
