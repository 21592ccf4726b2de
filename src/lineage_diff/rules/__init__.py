"""The rules: from a Change to Findings and a Verdict. One small file per rule."""
