"""The states that our comment keeps in its hidden last line, for the next push.

Everyone who may write can edit a comment, so a state is text of an unknown author: it has a fixed
alphabet and length here, and its readers check the rest.
"""

import re

from lineage_diff.forge.github.marker import read_marker
from lineage_diff.forge.publication import STATE_LENGTH, Earlier

_STATE = rf"[A-Za-z0-9_-]{{1,{STATE_LENGTH}}}"
_LINE = re.compile(
    rf"<!-- lineage-diff now=(?P<now>{_STATE})"
    rf"(?: was=(?P<head>[0-9a-f]{{40,64}})\.(?P<was>{_STATE}))? -->"
)


def with_states(text: str, now: str, was: Earlier | None) -> str:
    """Return a comment's text with the state of its commit, and that of the commit before."""
    if not now:
        return text
    before = f" was={was.head_commit}.{was.state}" if was is not None else ""
    return f"{text.rstrip()}\n\n<!-- lineage-diff now={now}{before} -->\n"


def earlier_state(body: str, head_commit: str) -> Earlier | None:
    """Return the state before a commit, from the body of our comment; `None` if it has none.

    A comment on another commit has it as its own state. A comment on this commit, by another run,
    keeps the one that it was compared with.
    """
    marked = read_marker(body)
    if marked is None:
        return None
    marker, text = marked
    found = _LINE.fullmatch(text.rstrip().rpartition("\n")[2])
    if found is None:
        return None
    if marker.head_commit != head_commit:
        return Earlier(marker.head_commit, found["now"])
    return Earlier(found["head"], found["was"]) if found["was"] else None
