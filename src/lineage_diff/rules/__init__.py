"""A Change in, Findings and a Verdict out. One small file per rule."""
