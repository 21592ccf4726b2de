"""Run the rules that need one commit only on the staged files or the files on disk."""

import os
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.app.evaluate import Evaluated, result_of
from lineage_diff.app.opened import OpenedFiles, open_files, policy_of_files
from lineage_diff.app.repository_name import describe_repository
from lineage_diff.app.result import Comparison
from lineage_diff.app.rule_facts import facts_of_files
from lineage_diff.errors import InputError
from lineage_diff.history.reader import HistoryReader
from lineage_diff.history.splices import find_merge_splices
from lineage_diff.lineage.evidence import CommitState, Evidence
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.change import Change
from lineage_diff.report.report import Revision
from lineage_diff.rules.engine import check_rules, verdict_of
from lineage_diff.rules.facts import RuleFacts


class LintRequest(Struct, frozen=True):
    """The files to check: those on disk, or those `staged`. `files`, files and folders
    relative to the current folder, restrict the report; `config` is the path of the configuration
    in the repository.
    """

    repo: str | os.PathLike[str] = "."
    files: tuple[str, ...] = ()
    staged: bool = False
    config: str | None = None


def lint(request: LintRequest) -> Comparison:
    """Run the rules; the report holds findings alone. Raises `InputError` as `compare` does."""
    policy = policy_of_files(request.repo, request.staged, request.config)
    opened = open_files(request.repo, request.staged, policy.limits)
    head, held = opened.read(policy.limits)
    splices = find_merge_splices(HistoryReader(opened.repository), head)
    evidence = Evidence(held.contents, held.git_ignored, held.listings, splices=splices)
    state = CommitState(head, evidence)
    facts = facts_of_files(opened.files, state, request.config, policy.limits)
    findings, verdict = check_rules(
        Change(),
        Lineage(head.commit),
        head,
        policy,
        "lint",
        base_facts=RuleFacts(ignore_comments=facts.ignore_comments),
        head_facts=facts,
    )
    if request.files:
        wanted = _paths_in_repository(request.files, opened)
        findings = tuple(finding for finding in findings if _is_in(finding.file, wanted))
        suppressed = tuple(item for item in verdict.suppressed if _is_in(item.file, wanted))
        verdict = replace(verdict_of(findings), suppressed=suppressed)
    evaluated = Evaluated(Change(), head, findings, verdict)
    revision = Revision(opened.name, head.commit)
    named = describe_repository(opened.repository, policy)
    return result_of(evaluated, named, revision, revision)


def _paths_in_repository(files: tuple[str, ...], opened: OpenedFiles) -> frozenset[str]:
    """Return the paths in the repository of files and folders, resolving links in their folders.

    Raises `InputError` for a file that neither the disk, the index nor the last commit has.
    """
    top = os.path.realpath(opened.repository.work_tree or ".")
    found = set()
    for file in files:
        folder, name = os.path.split(os.path.abspath(file))
        path = ""
        with suppress(ValueError):  # On Windows, it is on another drive.
            path = os.path.relpath(os.path.join(os.path.realpath(folder), name), top)
        path = path.replace(os.sep, "/")
        is_outside = path.partition("/")[0] in ("", "..")
        if is_outside or not (os.path.lexists(file) or _was_committed(path, opened)):
            raise InputError(
                "outside of the repository" if is_outside else "no such file",
                hint="Name files and folders of the repository.",
                file=file,
            )
        found.add(path)
    return frozenset(found)


def _was_committed(path: str, opened: OpenedFiles) -> bool:
    """Whether the checked files or the last commit have a path: a deleted file may be named."""
    if opened.files.entry(path) is not None:
        return True
    with suppress(InputError):  # There is no commit yet.
        return opened.repository.snapshot(opened.repository.head()).entry(path) is not None
    return False


def _is_in(file: str | None, wanted: frozenset[str]) -> bool:
    """Whether a file, or a folder above it, is wanted; `.` is the whole repository."""
    return file is not None and not wanted.isdisjoint((file, ".", *ancestors(file)))
