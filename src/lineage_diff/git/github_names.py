"""Read GitHub's names from a clone: servers from URLs, pull requests from merges.

Another forge would get its own module beside this one.
"""

import re

_HOST = r"(?P<host>[A-Za-z0-9.-]+)"
_NAME = r"[A-Za-z0-9_-]+/[A-Za-z0-9._-]+?(?:\.git)?/?"
_URL = re.compile(
    rf"(?P<scheme>https?|ssh|git)://(?:[^/@]*@)*{_HOST}(?P<port>:\d+)?/{_NAME}", re.ASCII
)
_SCP = re.compile(rf"(?:[^/@:]+@)?{_HOST}:{_NAME}")
# https://docs.github.com/pull-requests: the subjects of GitHub's merge and squash commits.
_MERGE = re.compile(r"^Merge pull request #(\d{1,9}) |\(#(\d{1,9})\)$")


def github_server(url: str) -> str | None:
    """Return the web address of the GitHub server in a URL, `None` for another host.

    GitHub's hosts are github.com and servers named after GitHub. Without credentials; that of a
    server that is reached by SSH is taken to be HTTPS.
    """
    match = _match(url)
    if match is None:
        return None
    parts = match.groupdict()
    if parts.get("scheme") in ("http", "https"):
        return f"{parts['scheme']}://{parts['host']}{parts['port'] or ''}"
    return f"https://{parts['host']}"


def _match(url: str) -> re.Match[str] | None:
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    if match is None:
        return None
    host = match["host"].lower()
    known = host.endswith(".ghe.com") or any(
        label.startswith("github") for label in host.split(".")
    )
    return match if known else None


def merged_pull_request(subject: str) -> int | None:
    """Return the number of the pull request merged by a commit with this subject, or `None`."""
    match = _MERGE.search(subject)
    return int(match[1] or match[2]) if match else None
