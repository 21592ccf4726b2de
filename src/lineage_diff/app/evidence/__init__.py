"""The folder of evidence on one version of a model: build it, and verify it again."""
