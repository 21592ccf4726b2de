"""One commit by itself: is every model and stage of it fresh, and what mends those that are not."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app.compare import Comparison, Step, unreadable_parts
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Fetched, Policy
from lineage_diff.report.findings import Finding, Verdict

if TYPE_CHECKING:
    from lineage_diff.freshness.stages import StageFreshness
    from lineage_diff.git.repository import GitRepository
    from lineage_diff.report.change import Change

# What a change's judge excuses with a warning is what this command is asked for.
_STALENESS = ("stale-model", "stale-stage", "unlocked-stage")


class StatusRequest(Struct, frozen=True):
    """What to look at. No `rev` means the commit checked out.

    `config` is the path of the configuration inside that commit, `None` for the usual place.
    `fetch` is what is read from DVC's storage. The commit's own configuration does not turn that
    on: whoever wrote the commit could name a server in it.
    """

    repo: str | os.PathLike[str] = "."
    rev: str | None = None
    config: str | None = None
    fetch: tuple[Fetched, ...] = ()


class Judged(Struct, frozen=True):
    """What is found of one commit; its lineage with all that its rules need to know."""

    change: "Change"
    lineage: Lineage
    findings: tuple[Finding, ...]
    verdict: Verdict


def status_of(request: StatusRequest, step: Step = lambda _: None) -> Comparison:
    """Judge the freshness of one commit by its Git objects; the report compares it with itself.

    Everything stale is an error, unless the configuration says otherwise. Raises `InputError` as
    `compare_revisions` does.
    """
    from lineage_diff.app.base_tip import policy_files
    from lineage_diff.app.last_readable import with_last_readable
    from lineage_diff.config.loader import read_policy
    from lineage_diff.dvc.lineage_reader import LineageReader, has_project
    from lineage_diff.errors import no_dvc
    from lineage_diff.git.repository import open_repository
    from lineage_diff.history.since_locked import with_history
    from lineage_diff.report.report import Revision, build_report
    from lineage_diff.rules.rule_names import rule_names

    step("open")
    repository = open_repository(request.repo)
    rev = "HEAD" if request.rev is None else request.rev
    commit = repository.resolve(rev)
    # Before anything is listed: it may raise the bounds on that.
    policy = read_policy(
        policy_files(repository, commit, request.config), request.config, rule_names
    )
    files = repository.snapshot(commit)
    if not has_project(files):
        raise no_dvc(rev)
    step("head")
    reader = LineageReader(repository)
    lineage = reader.read(commit)
    if request.fetch:
        from lineage_diff.dvc.storage.open import open_fetcher

        step("fetch")
        lineage, _ = open_fetcher(repository, files, (files,)).fill(lineage, lineage, request.fetch)
    lineage = with_last_readable(repository, reader, with_history(repository, reader, lineage))
    step("compare")
    judged = judge_commit(repository, lineage, policy, request.config)
    revision = Revision(rev, commit)
    report = build_report(
        judged.change,
        judged.findings,
        judged.verdict,
        version=__version__,
        repository=repository.remote_name(),
        base=revision,
        head=revision,
        comparison="direct",
    )
    return Comparison(report, unreadable_parts(judged.lineage, judged.findings), same_commit=True)


def judge_commit(
    repository: "GitRepository",
    lineage: Lineage,
    policy: Policy,
    config: str | None,
    judged: "Mapping[str, StageFreshness] | None" = None,
) -> Judged:
    """Judge a commit that was read, with what the history tells of it, as `status_of` does.

    `config` is the path of the configuration inside the commit, `None` for the usual place;
    `judged` the freshness of its stages, where it is known.
    """
    from lineage_diff.app.rule_facts import with_files
    from lineage_diff.code_analysis.uncommitted_code import uncommitted_code
    from lineage_diff.diff.line_numbers import values_told, with_param_lines
    from lineage_diff.diff.lineages import compare
    from lineage_diff.dvc.value_lines import value_lines
    from lineage_diff.freshness.lock_commits import stale_by_lock, with_lock_commits
    from lineage_diff.history.since_locked import lock_commits
    from lineage_diff.rules.engine import judge

    files = repository.snapshot(lineage.commit)
    lineage = with_files(lineage, files, config)
    lineage = replace(lineage, uncommitted=uncommitted_code(repository, lineage))
    change = compare(lineage, lineage, policy, judged=judged)
    change = with_lock_commits(change, lock_commits(repository, lineage, stale_by_lock(change)))
    lines = value_lines(files, values_told(change))
    change = with_param_lines(change, lines)
    # Nothing is older than this commit here, so nothing "was stale before".
    change = replace(
        change,
        models=tuple(replace(model, stale_before=None) for model in change.models),
        stages=tuple(replace(stage, stale_before=None) for stage in change.stages),
    )
    nothing = Lineage(lineage.commit, silences=lineage.silences)
    findings, verdict = judge(change, nothing, lineage, _strict(policy), "status")
    return Judged(change, lineage, findings, verdict)


def _strict(policy: Policy) -> Policy:
    return replace(policy, rules={**dict.fromkeys(_STALENESS, "error"), **policy.rules})
