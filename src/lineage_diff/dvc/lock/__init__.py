"""Reads `dvc.lock`."""
