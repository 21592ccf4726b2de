"""YAML, values files and ignore patterns."""
