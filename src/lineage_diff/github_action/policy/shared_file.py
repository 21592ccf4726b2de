"""Get the shared configurations that trusted commits extend, before anything reads them."""

from collections.abc import Iterable
from pathlib import Path

from lineage_diff import limits
from lineage_diff.app.opened import policy_files
from lineage_diff.config.loader import file_in_commit
from lineage_diff.config.schema import PolicyExtends
from lineage_diff.config.shared import describe, extends_of, is_at_hand, offer, offer_file
from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.github_action.publish import Credentials, read_file
from lineage_diff.github_action.step import Step


def offer_shared_policies(step: Step, repository: Path, commits: Iterable[str]) -> None:
    """Get what the configurations of these commits extend, unless it is at hand.

    The commits must be trusted: each names a repository that is asked with the token. Raises
    `InputError` if one cannot be read or has another content.
    """
    config = step.inputs.config
    if step.inputs.extends_from is not None:
        _offer_workspace_file(step.environment.workspace, step.inputs.extends_from)
    opened = open_repository(repository)
    for commit in dict.fromkeys(commits):
        found = file_in_commit(policy_files(opened, commit, config), config)
        if found is None:
            continue
        file, content = found
        extends = extends_of(content, file)
        if extends is not None and not is_at_hand(extends.sha256):
            _get(extends, file, step.credentials)


def _offer_workspace_file(workspace: Path, path: str) -> None:
    """Offer a copy of a shared configuration below the workspace.

    Raises `InputError` if it is outside, or cannot be read.
    """
    place = (workspace / path).resolve()
    if not place.is_relative_to(workspace.resolve()) or not place.is_file():
        raise InputError(
            f"input `extends_from` is {path[:80]!r}, no file of the workspace",
            hint="Check the repository out with a `path`, and name the file below it.",
        )
    offer_file(str(place), "the file of input `extends_from`")


def _get(extends: PolicyExtends, file: str, credentials: Credentials) -> None:
    name = describe(extends)
    found = read_file(
        credentials, extends.repository, extends.commit, extends.path, limits.POLICY_BYTES
    )
    if found.content is None:
        note = found.note
        why = f": {note.why}, {note.detail or 'no answer'}" if note is not None else ""
        raise InputError(
            f"the shared configuration {name} cannot be read{why}",
            hint="Use a `github_token` that can read it, or check it out and name the file as "
            "`extends_from`.",
            file=file,
        )
    digest = offer(found.content)
    if digest != extends.sha256:
        raise InputError(
            f"the shared configuration {name} has another SHA-256: {digest}",
            hint=f"`{file}` wants {extends.sha256}. Look at the file before you change that.",
            file=file,
        )
