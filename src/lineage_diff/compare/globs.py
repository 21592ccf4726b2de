"""The globs of the configuration, on repository paths: `*` also crosses `/`."""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a test whether a path matches any pattern, or lies in a folder that one names."""
    parts = [translate(pattern.rstrip("/")) for pattern in patterns]
    if not parts:
        return lambda _: False
    parts += [translate(pattern.rstrip("/") + "/*") for pattern in patterns]
    found = re.compile("|".join(parts)).match
    return lambda path: found(path) is not None
