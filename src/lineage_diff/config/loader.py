"""Find and read the configuration of a commit, such as the tip of the base branch."""

from collections.abc import Collection
from pathlib import Path

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.policy import Policy
from lineage_diff.text import closest_matches

PATHS = (".github/lineage-diff.yml", ".github/lineage-diff.yaml")


def read_policy(
    snapshot: Snapshot,
    path: str | None = None,
    known_rules: Collection[str] = (),
    place: str | None = None,
) -> Policy:
    """Read the configuration of a commit; without one, every setting has its default.

    `path` is the file if it is not one of `PATHS`; then it must exist. With `known_rules`, any
    other name in `rules` and `silence` is an error. `place` names the files if they are of no
    commit. Raises `InputError` with file and line for an unknown key or a value of the wrong type.
    """
    if path is None:
        path = next((known for known in PATHS if snapshot.resolve(known)), None)
        if path is None:
            return Policy()
    elif snapshot.resolve(path) is None:
        near = closest_matches(path, snapshot.files())
        hint = (
            "Commit it to that branch first, or name another file."
            if place is None
            else "Name a file there."
        )
        raise InputError(
            f"no such file in {place or f'commit {snapshot.commit[:7]}'}",
            hint=f"Did you mean {near[0]}?" if near else hint,
            file=path,
        )
    content = snapshot.read(path)
    if len(content) > limits.POLICY_BYTES:
        raise InputError(
            f"the configuration is {len(content)} bytes long, "
            f"over the limit of {limits.POLICY_BYTES}",
            hint="Use fewer, wider globs.",
            file=path,
        )
    # Imported here: most repositories have no configuration.
    from lineage_diff.config.parser import parse_policy

    return parse_policy(content, path, known_rules)


def file_on_disk(root: Path, path: str | None = None) -> tuple[str, bytes] | None:
    """Return the configuration in a work tree, as its path and its text with Unix line ends.

    `path` is as for `read_policy`. `None` if there is none, if it is outside of the work tree, too
    long or unreadable.
    """
    paths = PATHS if path is None else (path,)
    found = next((path for path in paths if Path(root, path).is_file()), None)
    if found is None or not Path(root, found).resolve().is_relative_to(root.resolve()):
        return None
    try:
        with Path(root, found).open("rb") as file:
            text = file.read(limits.POLICY_BYTES + 1)
    except OSError:
        return None
    return (found, _unix_lines(text)) if len(text) <= limits.POLICY_BYTES else None


def file_in_commit(snapshot: Snapshot, path: str | None = None) -> tuple[str, bytes] | None:
    """Return the configuration of a commit, as its path and its text with Unix line ends.

    `path` is as for `read_policy`. `None` if there is none.
    """
    paths = PATHS if path is None else (path,)
    found = next((path for path in paths if snapshot.resolve(path)), None)
    return None if found is None else (found, _unix_lines(snapshot.read(found)))


def _unix_lines(text: bytes) -> bytes:
    # Git may write other line ends to the disk than it stores.
    return text.replace(b"\r\n", b"\n")
