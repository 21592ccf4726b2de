"""The name under which GitHub knows a repository, from the URL of its remote."""

import re

_HOST = r"(?P<host>[A-Za-z0-9.-]+)"
_NAME = r"(?P<name>[A-Za-z0-9_-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?"
_URL = re.compile(rf"(?:https?|ssh|git)://(?:[^/@]*@)*{_HOST}(?::\d+)?/{_NAME}")
_SCP = re.compile(rf"(?:[^/@:]+@)?{_HOST}:{_NAME}")


def github_name(url: str) -> str | None:
    """Return `owner/name` of a URL of github.com or of a server named after GitHub, else `None`.

    Nothing else of the URL is kept: it may hold credentials.
    """
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    if match is None:
        return None
    host = match["host"].lower()
    known = host.endswith(".ghe.com") or any(
        label.startswith("github") for label in host.split(".")
    )
    return match["name"] if known else None
