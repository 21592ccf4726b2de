"""Which known names are most like a wrong one."""

from collections.abc import Iterable


def near_names(wanted: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Return up to so many of the known names, the likest first; none where none is like it."""
    # Only who made a mistake waits for it.
    from difflib import get_close_matches

    return get_close_matches(wanted, sorted(known), n=most)
