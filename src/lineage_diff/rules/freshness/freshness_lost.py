"""`freshness-lost`: a model whose freshness was known, and is undecidable after the change."""

import shlex
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lineage_diff.freshness.stages import StageFreshness, freshness
from lineage_diff.lineage.evidence import CommitState, Evidence
from lineage_diff.lineage.lineage import Hidden, Lineage
from lineage_diff.lineage.policy import Severity
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import Content
from lineage_diff.report.change import Change, StageChange
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import UNKNOWN, Freshness, Reason
from lineage_diff.rules.examples import MODEL, TRAIN_CHANGE, context
from lineage_diff.rules.lost import Loss, LostFreshness, may_be_lost
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.unwatched import ONLY_LISTED, edits_unwatched, outdated_by_tip
from lineage_diff.rules.wording import code, reason_text, short_id

NAME = "freshness-lost"
# How the details of what only a submodule holds begin.
_SUBMODULES = ("a submodule", "it lies in a submodule")
# In the details of what lies in a folder, or holds one, that DVC tracks as a whole.
_IN_CACHE = "whose listing is only in DVC's cache"
_KNOWN_FIRST = f"if it is intended, first merge an entry of `silence` for `{NAME}`"


def _check(context: Context) -> Iterator[Finding]:
    found: list[Finding] = []
    if context.tip is not None and context.tip_is_read:
        # The author chooses the merge base, so freshness at the tip must not be lost either.
        at_tip = CommitState(context.tip, context.tip_facts.evidence)
        now = freshness(at_tip)
        tip = replace(context, base=context.tip, base_facts=context.tip_facts)
        found += _since(tip, {name: at.freshness for name, at in now.items()}, context.base)
        found += _unwatched(context, now)
        found += _outdated(context, now)
    was: dict[bool | None, Freshness] = {True: "stale", False: "fresh", None: "unknown"}
    stages = context.change.stages
    found += _since(context, {s.renamed_from or s.name: was[s.stale_before] for s in stages})
    worst: dict[str, Finding] = {}
    for finding in found:
        known = worst.get(finding.subject)
        if known is None or (finding.severity == "error" and known.severity != "error"):
            worst[finding.subject] = finding
    yield from worst.values()


def _unwatched(context: Context, at_tip: Mapping[str, StageFreshness]) -> Iterator[Finding]:
    """Report stages of the tip with an edited input that neither base nor head watches."""
    models = context.tip_facts.models
    unknown = {
        name: frozenset(reason.subject for reason in at.reasons)
        for name, at in at_tip.items()
        if at.freshness != "stale"
    }
    for stage, path, is_watched in edits_unwatched(context, unknown):
        subject = models.get(stage.id, stage.id)
        what = "DVC does not check it"
        if is_watched:
            what = f"DVC does not call {code(short_id(subject))} stale for it"
        role = "which DVC reads for" if path in stage.own_files else "an input of"
        yield Finding(
            NAME,
            "error" if stage.id in models else "warning",
            subject,
            f"{code(short_id(subject))} is fresh at the tip of the base branch, and this change "
            f"edits {code(path)}, {role} {code(stage.address)} there; {what} "
            "here, nor at the commit that the change began at",
            f"Merge the base branch into this one, run `dvc repro {shlex.quote(stage.address)}`, "
            "and commit the lock file.",
            stage.file,
        )


def _outdated(context: Context, at_tip: Mapping[str, StageFreshness]) -> Iterator[Finding]:
    """Report stages that the change adds or edits, and that the merge makes stale."""
    models = context.head_facts.models
    for stage, path, ran in outdated_by_tip(context, at_tip):
        subject = models.get(stage.id, stage.id)
        how = f"ran on another {code(path)} than that of the base branch"
        if not ran:
            how = f"did not run with {code(path)} as the base branch declares it"
        yield Finding(
            NAME,
            "error" if stage.id in models else "warning",
            subject,
            f"{code(short_id(subject))} is fresh here, and the merge makes it stale: "
            f"{code(stage.address)} {how}",
            f"Merge the base branch into this one, run `dvc repro {shlex.quote(stage.address)}`, "
            "and commit the lock file.",
            stage.file,
            stage.line,
        )


def _since(
    context: Context, known: Mapping[str, Freshness], start: Lineage | None = None
) -> Iterator[Finding]:
    """Yield the losses since the context's base, whose stages had the freshness `known`.

    `start` is the commit at which the change began, `None` if that is the context's base.
    """
    yield from _hidden(context, known)
    yield from _refused_locks(context, start)
    if not may_be_lost(context.change) and not context.tip_facts.dates_runs:
        return
    lost = LostFreshness(context, start)
    reported: set[str] = set()
    changes = {change.name: change for change in context.change.stages}
    for model in context.change.models:
        stage = lost.producer(model.path)
        if model.change == "removed":
            yield from _demoted(model.path, stage, changes, lost)
        elif stage is None:
            continue
        elif model.freshness != "stale" and (loss := lost.loss(stage.id)) is not None:
            reported |= {stage.id, loss.stage}
            before = lost.freshness_before(stage.id)
            yield _finding(model.path, stage, loss, loss.severity, before)
    stages = {stage.id: stage for stage in context.head.stages}
    for change in context.change.stages:
        stage = stages.get(change.name)
        if stage is None or change.freshness == "stale" or change.name in reported:
            continue
        loss = lost.loss(change.name)
        if loss is not None and loss.stage == change.name:
            before = lost.freshness_before(stage.id)
            yield _finding(change.name, stage, loss, "warning", before)


def _finding(
    subject: str, stage: Stage, loss: Loss, severity: Severity, before: Freshness | None
) -> Finding:
    was = f"{code(short_id(subject))} was {before}"
    through = "" if loss.stage == stage.id else f"; this comes from {code(loss.stage)} upstream"
    if loss.effect is not None and loss.blind is not None:
        why = f"{code(short_id(loss.blind))} {loss.effect}, and {_why(loss)}"
        message = f"{was}, and this change hides an edit from DVC: {why}{through}"
        if stage.is_dvcfile:
            hint = (
                f"Restore the stage, run it, and commit its lock file instead of {code(stage.file)}"
            )
        elif loss.is_gone:
            hint = (
                "Restore the stage, run it, and commit its lock file, or also remove what it made"
            )
        else:
            hint = f"Run `dvc repro --force {shlex.quote(stage.address)}` with all of its inputs "
            hint += "declared and nothing frozen, and commit the lock file"
        if ONLY_LISTED in loss.effect:
            hint += "; if it is another model, first merge `fetch: [listings]`, which shows it"
        return Finding(
            NAME, severity, subject, message, f"{hint}; {_KNOWN_FIRST}.", stage.file, stage.line
        )
    message = f"{was}, and is unknown after this change: {_why(loss)}{through}"
    file, line = _place(loss, stage)
    return Finding(NAME, severity, subject, message, _hint(loss, stage, severity), file, line)


def _why(loss: Loss) -> str:
    reason = loss.reason
    if reason.kind not in UNKNOWN:
        return reason_text(reason, loss.stage)
    detail = reason.detail or "it cannot be read"
    is_what = detail.startswith(("a ", "too large", "kept in"))
    return f"{code(reason.subject)} is {detail}" if is_what else f"{code(reason.subject)}: {detail}"


def _hint(loss: Loss, stage: Stage, severity: Severity) -> str:
    address = shlex.quote(stage.address)
    if loss.reason.kind == "skipped":
        return f"Let Git not ignore {code(loss.reason.subject)}; {_KNOWN_FIRST}."
    if (loss.reason.detail or "").startswith(_SUBMODULES):
        known = "" if severity == "warning" else f"; {_KNOWN_FIRST}"
        return (
            f"Run `dvc repro {address}` with the submodule checked out, and commit the lock "
            f"file{known}."
        )
    if severity == "warning":
        return (
            f"Run `dvc repro {address}` and commit what it writes; if there is nothing to run, "
            "check the changes, or set `fetch: [listings]` in the configuration."
        )
    if _IN_CACHE in (loss.reason.detail or ""):
        return (
            f"Run `dvc repro {address}` and commit what it writes; if there is nothing to run, "
            "first merge `fetch: [listings]` in the configuration, or an entry of `silence` for "
            f"`{NAME}`."
        )
    return (
        f"Commit {code(loss.reason.subject)} so that it can be read, run `dvc repro {address}`, "
        f"and commit the lock file; {_KNOWN_FIRST}."
    )


def _place(loss: Loss, stage: Stage) -> tuple[str, int | None]:
    reason = loss.reason
    if reason.kind in UNKNOWN and reason.file == reason.subject:
        return reason.file, reason.line
    return reason.file or stage.file, reason.line or stage.line


def _demoted(
    path: str, producer: Stage | None, changes: Mapping[str, StageChange], lost: LostFreshness
) -> Iterator[Finding]:
    """Report an out that is no longer declared a model, and is stale or unknown.

    Without a `producer` of its path, the stage that replaces its producer counts.
    """
    if producer is None:
        found = lost.loss_of_heir(path)
    else:
        before = lost.freshness_before(producer.id)
        loss = lost.loss(producer.id) if before != "stale" else None
        found = None if loss is None else (producer, loss)
        if loss is not None and loss.blind is not None:
            yield _finding(path, producer, loss, "error", before)
            return
    if found is None or found[0].id not in changes:
        return
    stage, loss = found
    now = changes[stage.id]
    state = "is stale" if now.freshness == "stale" else "cannot be checked"
    if producer is None:
        what = f"nothing makes it after this change; {code(stage.address)}, which takes the "
        what += f"place of its stage, {state}"
    else:
        what = f"this change no longer calls it one, while it {state}"
    yield Finding(
        NAME,
        "error",
        path,
        f"{code(path)} was a fresh model, and {what}: {_why(loss)}",
        f"Run `dvc repro {shlex.quote(stage.address)}` and commit the lock file; {_KNOWN_FIRST}.",
        stage.file,
        stage.line,
    )


def _hidden(context: Context, before: Mapping[str, Freshness]) -> Iterator[Finding]:
    """Report models whose pipeline or `.dvc` file the head hides from DVC."""
    hidden = {item.file: item for item in context.head_facts.hidden}
    reported: set[str] = set()
    producers = {out.path: stage for stage in context.base.stages for out in stage.outs}
    for model in context.change.models:
        stage = producers.get(model.path)
        if model.change != "removed" or stage is None or stage.file not in hidden:
            continue
        was = before.get(stage.id)
        if was in ("fresh", "unknown") or stage.is_dvcfile:
            reported.add(stage.file)
            yield _unseen(model.path, was, "how it is made", hidden[stage.file], "error")
    fresh = {stage.file for stage in context.base.stages if before.get(stage.id) == "fresh"}
    for item in context.head_facts.hidden:
        if item.file in fresh - reported:
            yield _unseen(item.file, "fresh", "its stages", item, "warning")


def _refused_locks(context: Context, start: Lineage | None) -> Iterator[Finding]:
    """Report locks that Git did not ignore: DVC reads them with their pipelines, and ends there.

    With `start`, also those that only the tip has, the context's base: the merge brings them.
    """
    before = context.base_facts.evidence.git_ignored
    ignored = context.head_facts.evidence.git_ignored | context.base_facts.ignored_at_head
    seen = {item.file for side in (start, context.head) if side for item in side.pipelines}
    coming = (item for item in context.base.pipelines if start and item.file not in seen)
    for pipeline in (*context.head.pipelines, *coming):
        lock = pipeline.lock_file
        if lock is not None and lock in ignored - before and pipeline.file not in ignored:
            yield Finding(
                NAME,
                "error",
                lock,
                f"DVC refuses {code(lock)}, which Git ignores after this change, so nothing of "
                f"{code(pipeline.file)} can be checked",
                f"Let Git not ignore {code(lock)}; {_KNOWN_FIRST}.",
                lock,
            )


def _unseen(
    subject: str, was: Freshness | None, what: str, item: Hidden, severity: Severity
) -> Finding:
    return Finding(
        NAME,
        severity,
        subject,
        f"{code(subject)} was {was or 'fresh'}, and this change hides {what}: {_how(item)}",
        f"Let DVC read {code(item.file)} again; or, to delete it, remove {_leftover(item)} too.",
        item.place,
        item.line,
    )


def _how(item: Hidden) -> str:
    file, place = code(item.file), code(item.place)
    match item.how:
        case "ignored" if item.file != item.place:
            return f"{place} excludes {file}, which is still there"
        case "ignored":
            return f"{file} is still there, in a place that DVC does not read"
        case "renamed":
            return f"{file} is {place} now, a name or place that DVC does not read"
        case "replaced":
            return f"{place} is a link, a submodule or a folder now, so {file} is not read"
        case "lock-left":
            return f"DVC reads no stage of {file} any more, and its lock, {place}, is still there"


def _leftover(item: Hidden) -> str:
    return code(item.file if item.how == "ignored" else item.place)


_UNREAD = Content("1" * 40, "symlink", unknown="a symbolic link that leaves the repository")
_UNKNOWN = Reason("dep-unknown", "train.py", detail=_UNREAD.unknown, file="dvc.yaml", line=2)

RULE = Rule(
    name=NAME,
    severity="error",
    summary="a model whose freshness was known, and is undecidable after the change",
    why=(
        "A change can hide a stale model: it makes a file unreadable, hides a pipeline from DVC, "
        "or edits the inputs of a stage and freezes it, or keeps its model without it: in a "
        "`.dvc` file, as an import, or in Git. The stage did not run, and no other check fails. A "
        "model that was stale before counts too, because an unknown model fails no later check. "
        "So does a model that is fresh at the tip of the base branch, if the change edits an "
        "input that the tip declares, and neither the head nor the merge base does; and a model "
        "of the change, if an input has changed on the base branch since then. A lock that Git "
        "ignores after the change counts too: DVC refuses it, and does nothing. The finding is "
        "a warning if the content of a directory is only in DVC's cache, or if the lock records a "
        "run on an input that cannot be read; if the model was stale, these two are not reported. "
        "Nor is an input that the base could not check for the same reason."
    ),
    hint=(
        "Make the named file readable again, and run the `dvc repro` of the finding. To stop "
        "checking a model for good, add an entry of `silence` in a separate change and merge it "
        "first."
    ),
    check=_check,
    fails=Example(
        "`train.py` was replaced by a link out of the repository.",
        context(
            Change(
                models=(replace(MODEL, freshness="unknown", affected=True, stale_before=False),),
                stages=(replace(TRAIN_CHANGE, freshness="unknown", reasons=(_UNKNOWN,)),),
            ),
            evidence=Evidence(contents={"train.py": _UNREAD}),
        ),
    ),
    passes=Example("`train.py` was edited, and is a file of the repository.", context()),
)
