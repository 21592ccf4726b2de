"""Base and head of a change under review, by the variables of GitLab, Jenkins, Azure or Bitbucket.

On GitHub the Action reads the event instead.
"""

import os
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from lineage_diff.errors import InputError
from lineage_diff.text import visible

_BRANCHES = "refs/heads/"
_REMOTE = "refs/remotes/origin/"


class CiChange(NamedTuple):
    """A change under review. `tips` are revisions of the tip of its target, the best first.

    `merge_base` is that of the change, `None` if the system does not name it. `head` is `None` if
    the commit checked out is the change's.
    """

    system: str
    target: str
    tips: tuple[str, ...]
    merge_base: str | None
    head: str | None

    @property
    def fetch(self) -> str:
        """The sentence that says how to get the target branch."""
        refs = f"+{_BRANCHES}{self.target}:{_REMOTE}{self.target}"
        return f"Fetch it with all history: git fetch origin {shlex.quote(refs)}"


class _VariableNames(NamedTuple):
    """The variables of a system: of the target branch, its tip, the merge base and the change."""

    system: str
    target: str
    tips: tuple[str, ...] = ()
    merge_base: str = ""
    heads: tuple[str, ...] = ()


# The commit checked out is often a merge with the target: then a variable has the change's own.
_SYSTEMS = (
    # https://docs.gitlab.com/ci/variables/predefined_variables/
    _VariableNames(
        "GitLab",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA",),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA",
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"),
    ),
    # https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
    _VariableNames("Jenkins", "CHANGE_TARGET"),
    # https://learn.microsoft.com/azure/devops/pipelines/build/variables
    _VariableNames(
        "Azure Pipelines",
        "SYSTEM_PULLREQUEST_TARGETBRANCH",
        heads=("SYSTEM_PULLREQUEST_SOURCECOMMITID",),
    ),
    # https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
    _VariableNames(
        "Bitbucket",
        "BITBUCKET_PR_DESTINATION_BRANCH",
        ("BITBUCKET_PR_DESTINATION_COMMIT",),
        heads=("BITBUCKET_COMMIT",),
    ),
)


def change_under_review(environment: Mapping[str, str]) -> CiChange | None:
    """Return the change that a CI system reviews; `None` outside of a review."""
    for names in _SYSTEMS:
        target = environment.get(names.target, "").removeprefix(_BRANCHES)
        if target:
            # In full: a tag may have the name of the branch.
            tips = (f"{_REMOTE}{target}", *_values(environment, names.tips))
            head = next(iter(_values(environment, names.heads)), None)
            base = environment.get(names.merge_base) or None
            return CiChange(names.system, visible(target), tips, base, head)
    return None


def find_ends(change: CiChange, repo: str | os.PathLike[str]) -> tuple[str, str | None]:
    """Return the first of the tips that the repository has, or the merge base; and the head.

    Raises `InputError` if it has none: another base would give another answer.
    """
    # Imported late: outside of a review it is not needed.
    from lineage_diff.git.repository import open_repository

    repository = open_repository(repo)
    for base in filter(None, (*change.tips, change.merge_base)):
        try:
            repository.resolve(base)
        except InputError:
            continue
        return base, change.head
    raise InputError(
        f"the target branch {change.target!r} of this {change.system} change is not in the clone",
        hint=change.fetch,
    )


def _values(environment: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(environment[name] for name in names if environment.get(name))
