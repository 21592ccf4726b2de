"""The marker: the hidden first line of our comment or issue, with its id, commit and run."""

import re

from msgspec import Struct

from lineage_diff.forge.publication import IssueTarget, RunAttempt, Target

ID = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_MARKER = re.compile(
    rf"<!-- lineage-diff id=(?P<id>{ID.pattern})"
    r" head=(?P<head>[0-9a-f]{40,64}) run=(?P<run>[0-9]{1,18})\.(?P<attempt>[0-9]{1,6}) -->"
)
# The link to a run at the end of a link in Markdown.
_RUN = re.compile(r"/actions/runs/[0-9]+(?=\))")


class Marker(Struct, frozen=True):
    """The id of a comment or issue, and the commit and run that it was written for."""

    id: str
    head_commit: str
    run: RunAttempt


def marker_of(target: Target | IssueTarget) -> Marker:
    """Return the marker for a target. Raises `ValueError` for an invalid id."""
    if not ID.fullmatch(target.id):
        raise ValueError(target.id)
    return Marker(target.id, target.head_commit, target.run)


def with_marker(marker: Marker, text: str) -> str:
    """Return a body: the marker, then the text."""
    run = f"{marker.run.id}.{marker.run.attempt}"
    return f"<!-- lineage-diff id={marker.id} head={marker.head_commit} run={run} -->\n{text}"


def read_marker(body: str) -> tuple[Marker, str] | None:
    """Return the marker of a body and its text; `None` if the first line is no marker."""
    first, _, text = body.replace("\r\n", "\n").partition("\n")
    found = _MARKER.fullmatch(first)
    if found is None:
        return None
    run = RunAttempt(int(found["run"]), int(found["attempt"]))
    return Marker(found["id"], found["head"], run), text


def has_id(body: str, marker_id: str) -> bool:
    """Return whether a body begins with a marker of this id."""
    read = read_marker(body)
    return read is not None and read[0].id == marker_id


def is_by(marker: Marker, body: str) -> bool:
    """Return whether a body has exactly this marker: the same run wrote it."""
    read = read_marker(body)
    return read is not None and read[0] == marker


def is_same_body(body: str, marker: Marker, text: str) -> bool:
    """Return whether a body already has this text for the marker's commit, except links to runs.

    The run does not matter: a later run of the same commit with the same text changes nothing. For
    another commit it is another body, even with the same text, so that the marker is rewritten and
    holds the newest checked commit.
    """
    read = read_marker(body)
    if read is None:
        return False
    there, ours = (_RUN.sub("", each.replace("\r\n", "\n")).rstrip() for each in (read[1], text))
    return (read[0].head_commit, there) == (marker.head_commit, ours)


def is_newer_body(body: str, marker: Marker) -> bool:
    """Return whether a later run wrote a body for the marker's id and commit.

    A body for another commit is either older, or for a newer head.
    """
    read = read_marker(body)
    return (
        read is not None
        and read[0].id == marker.id
        and read[0].head_commit == marker.head_commit
        and read[0].run > marker.run
    )
