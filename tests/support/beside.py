"""Folders that a developer may have beside the checkout, such as specifications and clones."""

from pathlib import Path


def find_beside(name: str) -> Path | None:
    """Return the nearest folder of that name beside the checkout or a folder above it."""
    return next((above / name for above in Path(__file__).parents if (above / name).is_dir()), None)
