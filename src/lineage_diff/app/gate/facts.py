"""Collect the facts on a promotion from Git objects."""

import os
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from lineage_diff.app.evaluate import open_fetcher, read_state
from lineage_diff.app.gate.in_use import (
    compare_used,
    find_used,
    metrics_files,
    read_used,
    registry_names,
)
from lineage_diff.app.gate.subject import Candidate
from lineage_diff.app.names import near
from lineage_diff.app.opened import Opened
from lineage_diff.audit.models import artifact_path
from lineage_diff.config.ignore_comments import read_ignore_comments
from lineage_diff.dvc.problems import as_error
from lineage_diff.errors import InputError
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import GitRepository
from lineage_diff.history.since_locked import lock_commits
from lineage_diff.history.splices import search_splices
from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.models import Model, find_models
from lineage_diff.lineage.outputs import TrackedOutput, outputs_by_path
from lineage_diff.lineage.policy import Fetched
from lineage_diff.promotion.facts import (
    BranchFacts,
    PromotionFacts,
    PromotionSubject,
    RunFacts,
)
from lineage_diff.promotion.inputs import upstream_stages


def read_facts(
    opened: Opened,
    candidate: Candidate,
    default: str,
    trusted: str,
    fetch: Sequence[Fetched],
    checkout: str | os.PathLike[str] | None = None,
) -> PromotionFacts:
    """Read the commit of a version, the branches, and the versions in use.

    `default` is the name of the default branch, `trusted` its tip. `fetch` lists what to read
    from the storage that it names, with the cache of the `checkout`. Raises `InputError` for an
    unknown model.
    """
    lineage, held = opened.reader.read_with_contents(opened.commit)
    outs = outputs_by_path(lineage.stages, held.contents)
    models = find_models(outs, lineage.artifacts, opened.policy)
    subject = _subject(candidate, lineage, models)
    names = registry_names(candidate.name, subject.path, lineage)
    used = find_used(opened, candidate, subject, lineage, models)
    before = read_used(opened, used.versions)
    if "metrics" in fetch:
        lineage, before = _fetched(opened, lineage, before, trusted, checkout)
    splices = search_splices(opened.history, lineage)
    state = read_state(opened.history, opened.reader, lineage, held, splices=splices.found)
    made = outs.get(subject.path)
    stages = () if made is None else upstream_stages(lineage, made.stage.id)
    files = metrics_files(lineage, models, subject.path, made)
    return PromotionFacts(
        subject,
        opened.policy,
        state,
        _branches(opened.repository, subject.commit, default),
        made,
        stages,
        _run(opened, state, made),
        splices.complete,
        tuple(tag for tag in candidate.tags if tag.artifact in names),
        files,
        tuple(
            compare_used(opened, item, before.get(item.version.commit), lineage, files, subject)
            for item in used.versions
        ),
        used.mlflow_unknown,
        _comments(opened, lineage),
        used.disputed,
    )


def _subject(
    candidate: Candidate, lineage: Lineage, models: Mapping[str, Model]
) -> PromotionSubject:
    path = artifact_path(candidate.name, lineage)
    if path is None and candidate.tag is None and candidate.version is None:
        path = _model_named(candidate.name, models)
    if path is None:
        raise _unknown_model(candidate, lineage, models.values())
    return PromotionSubject(
        candidate.name, path, candidate.commit, candidate.version, candidate.stage, candidate.tag
    )


def _model_named(name: str, models: Mapping[str, Model]) -> str | None:
    path = name.removeprefix("./").rstrip("/")
    if path in models:
        return path
    return next((model.path for model in models.values() if model.name == name), None)


def _unknown_model(candidate: Candidate, lineage: Lineage, models: Collection[Model]) -> InputError:
    lost = [problem for problem in lineage.problems if problem.pipeline is not None]
    if lost:
        return as_error(lost[0])
    names = {model.path for model in models} | {item.name for item in lineage.artifacts}
    hint = "Name it under `artifacts` in `dvc.yaml`, with its path, before you tag a commit."
    return InputError(
        f"the commit {candidate.commit[:7]} has no model {candidate.name!r}",
        # A tag names one model; another one is no answer for it.
        hint=near(candidate.name, names, hint)
        if candidate.version is None and not candidate.tag
        else hint,
    )


def _fetched(
    opened: Opened,
    lineage: Lineage,
    before: dict[str, Lineage | InputError],
    trusted: str,
    checkout: str | os.PathLike[str] | None,
) -> tuple[Lineage, dict[str, Lineage | InputError]]:
    """Return the commits with the values of the metrics that DVC keeps."""
    commits = (lineage.commit, *before)
    fetcher = open_fetcher(opened.repository, commits, trusted, checkout)
    found = dict(before)
    for commit, older in before.items():
        if isinstance(older, Lineage):
            found[commit] = fetcher.fetch_values(older, lineage)[0]
    return fetcher.fetch_values(lineage, lineage)[1], found


def _branches(repository: GitRepository, commit: str, default: str) -> BranchFacts:
    known, holding = repository.branch_names(commit)
    return BranchFacts(default, known, holding, not repository.is_shallow)


def _run(opened: Opened, state: CommitState, made: TrackedOutput | None) -> RunFacts:
    """Return the freshness at the commit, and if the model is not fresh there, when it was made."""
    now = freshness(_without_splices(state))
    if made is None:
        return RunFacts(now)
    stage = made.stage.id
    commit = lock_commits(opened.history, state, (stage,)).get(stage)
    found = now.get(stage)
    if commit in (None, state.commit) or found is None or found.freshness == "fresh":
        return RunFacts(now, commit)
    try:
        read = opened.reader.read_with_contents(commit)
        then = read_state(opened.history, opened.reader, *read)
    except InputError:
        return RunFacts(now, commit)
    return RunFacts(now, commit, freshness(then))


def _without_splices(state: CommitState) -> CommitState:
    """Return the commit without its spliced entries, which have a condition of their own."""
    return replace(state, evidence=replace(state.evidence, splices={}))


def _comments(opened: Opened, lineage: Lineage) -> tuple[IgnoreComment, ...] | None:
    try:
        return read_ignore_comments(opened.files, lineage)
    except InputError:
        return None
