"""Check whether a version of a model may be promoted, by the policy of the default branch."""

from datetime import UTC, datetime

from lineage_diff import __version__
from lineage_diff.app import Step
from lineage_diff.app.gate.facts import read_facts
from lineage_diff.app.gate.request import GateRequest
from lineage_diff.app.gate.subject import Candidate, find_subject
from lineage_diff.app.opened import Opened, open_pair, policy_files
from lineage_diff.app.owners.cards import card_of
from lineage_diff.app.repository_name import describe_repository
from lineage_diff.config.codeowners import read_codeowners
from lineage_diff.config.loader import read_policy
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.history.reader import open_history
from lineage_diff.promotion.conditions import check_conditions, conclusion
from lineage_diff.promotion.facts import PromotionFacts
from lineage_diff.report.change import InUse, ModelCard, side
from lineage_diff.report.promotion import LockRecord, PromotedModel, PromotionReport, TagRecord
from lineage_diff.report.report import Revision, Tool

_REMOTE = ("refs/remotes/origin/", "origin/")


def gate(request: GateRequest, step: Step = lambda _: None) -> PromotionReport:
    """Check each condition of a promotion, and return the report.

    Nothing of the version's own commit decides: the configuration and the storage to fetch from
    are those of the default branch. Raises `InputError` for an unknown name or a bad
    configuration, and if the default branch is not known.
    """
    step("open")
    history = open_history(request.repo)
    repository = history.repository
    branch = request.policy or repository.default_branch()
    if branch is None:
        raise _no_default_branch()
    trusted = repository.resolve(branch)

    def commit_names() -> tuple[str, ...]:
        files = policy_files(repository, trusted, request.config)
        return read_policy(files, request.config).mlflow_commit

    candidate = find_subject(repository, request, commit_names)
    opened = open_pair(history, candidate.rev, (candidate.commit,), trusted, request.config)
    step("head")
    fetch = opened.policy.fetch if request.fetch is None else request.fetch
    facts = read_facts(opened, candidate, _short(branch), trusted, fetch, request.checkout)
    step("conditions")
    return _report(facts, candidate, opened, Revision(branch, trusted))


def _no_default_branch() -> InputError:
    return InputError(
        "cannot find the default branch, whose configuration counts",
        hint="Run `git remote set-head origin --auto`, or set `init.defaultBranch` in Git.",
    )


def _short(branch: str) -> str:
    for prefix in _REMOTE:
        branch = branch.removeprefix(prefix)
    return branch


def _report(
    facts: PromotionFacts, candidate: Candidate, opened: Opened, policy: Revision
) -> PromotionReport:
    results = check_conditions(facts)
    subject, made = facts.subject, facts.made
    return PromotionReport(
        tool=Tool("lineage-diff", __version__),
        repository=describe_repository(opened.repository, opened.policy),
        model=PromotedModel(
            subject.artifact,
            subject.path,
            side(made.version if made is not None else None),
            subject.version.version if subject.version is not None else None,
            subject.stage,
        ),
        revision=Revision(candidate.rev, subject.commit),
        policy=policy,
        policy_file=opened.policy.source,
        conclusion=conclusion(results),
        tag=_tag(facts),
        lock=_lock(facts),
        card=_card(facts, opened.repository.snapshot(policy.commit)),
        in_use=tuple(
            InUse(
                item.version.version, item.version.stages, item.version.tag, item.version.registry
            )
            for item in facts.in_use
        ),
        conditions=results,
    )


def _card(facts: PromotionFacts, trusted: Snapshot) -> ModelCard | None:
    path = facts.subject.path
    artifacts = facts.state.lineage.artifacts
    artifact = next((item for item in artifacts if item.path == path), None)
    return card_of(artifact, path, read_codeowners(trusted))


def _tag(facts: PromotionFacts) -> TagRecord | None:
    tag = facts.subject.tag
    if tag is None:
        return None
    return TagRecord(tag.name, tag.object, tag.commit, tag.tagger, _date(tag.time))


def _date(seconds: int) -> str | None:
    try:
        # Git gives no date for a tagger that it cannot parse.
        if not seconds:
            return None
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        # A tag can state any number.
        return None


def _lock(facts: PromotionFacts) -> LockRecord | None:
    stage = facts.stage
    if stage is None or stage.lock is None:
        return None
    locks = {item.file: item.lock_file for item in facts.state.lineage.pipelines}
    return LockRecord(stage.id, locks.get(stage.file), stage.lock.line, facts.run.commit)
