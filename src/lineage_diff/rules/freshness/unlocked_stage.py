"""`unlocked-stage`: a stage that never ran, or whose run was not committed."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Severity
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context, lineage
from lineage_diff.rules.rule import EVERYWHERE, Context, Example, Rule
from lineage_diff.rules.stages import stale_for_a_model
from lineage_diff.rules.wording import Advised, code, repro_hint
from lineage_diff.text import join_some

NAME = "unlocked-stage"
_SHOWN = 5


def _check(context: Context) -> Iterator[Finding]:
    covered = stale_for_a_model(context.change)
    unread = _unread(context.head) | context.head_facts.evidence.git_ignored
    before = context.before(_without_lock)
    advised = Advised(context.change)
    for stage in context.head.stages:
        if _is_unlocked(stage) and stage.id not in covered and stage.file not in unread:
            yield Finding(
                NAME,
                "info" if stage.id in before else "warning",
                stage.id,
                f"{code(stage.address)} has no entry in its lock file: it never ran, or the run "
                "was not committed",
                advised.hint(stage.id, stage.address, bool(stage.outs)),
                stage.file,
                stage.line,
            )


def _without_lock(lineage: Lineage) -> Iterator[str]:
    return (stage.id for stage in lineage.stages if stage.lock is None)


def _is_unlocked(stage: Stage) -> bool:
    return stage.lock is None and not stage.is_dvcfile and stage.needs_lock


def _unread(lineage: Lineage) -> set[str]:
    """Return the pipelines whose lock file has a problem: a missing entry proves nothing."""
    broken = {problem.file for problem in lineage.problems}
    return {item.file for item in lineage.pipelines if item.lock_file in broken}


def _fold(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Report all stages of one `dvc.yaml` together: a new `foreach` can have hundreds."""
    files: dict[tuple[str | None, Severity], list[Finding]] = {}
    for finding in findings:
        files.setdefault((finding.file, finding.severity), []).append(finding)
    for group in files.values():
        yield group[0] if len(group) == 1 else _together(group)


def _together(findings: Sequence[Finding]) -> Finding:
    first = min(findings, key=lambda item: (item.line or 0, item.subject))
    file = first.file or ""
    counts: dict[str, int] = {}
    # Stages of `foreach` and `matrix` are named by their entry, `@` and a key.
    for finding in sorted(findings, key=lambda item: (item.line or 0, item.subject)):
        entry = finding.subject.removeprefix(f"{file}:").partition("@")[0]
        counts[entry] = counts.get(entry, 0) + 1
    entries = [
        code(entry) + (f" ({count} stages)" if count > 1 else "") for entry, count in counts.items()
    ]
    alone = len(counts) == 1
    prefix = "" if file == "dvc.yaml" else f"{file}:"
    return replace(
        first,
        subject=f"{file}:{next(iter(counts))}" if alone else file,
        message=f"{len(findings)} stages of {code(file)} have no entry in its lock file, so they "
        f"never ran, or the runs were not committed: {join_some(entries, _SHOWN)}",
        hint=_hint(findings, f"{prefix}{next(iter(counts))}" if alone else file),
    )


def _hint(findings: Sequence[Finding], target: str) -> str:
    """Name one target for all, unless that ran a stage without outs."""
    alone = {finding.subject: finding.hint.startswith("Run ") for finding in findings}
    if all(alone.values()):
        # One command that is advised for all is theirs.
        hints = {finding.hint for finding in findings}
        return hints.pop() if len(hints) == 1 else repro_hint(target)
    if not any(alone.values()):
        return "They have no outs: run them yourself when you mean to."
    return (
        "Run `dvc repro` for each that has outs, and commit the lock file; run the others yourself "
        "when you mean to."
    )


RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a stage that has no entry in its lock file",
    why=(
        "The results of the stage are unknown and cannot be pulled. It may have run on one machine "
        "only. A stage that makes a model is reported by `stale-model` only. All stages of one "
        "`dvc.yaml` are one finding; the report's `stages` list each of them."
    ),
    hint="Run `dvc repro` for it, and commit the lock file.",
    check=_check,
    fails=Example(
        "A stage `tune` was added to `dvc.yaml`, without a run.",
        context(head=lineage(replace(TRAIN, id="dvc.yaml:tune", name="tune", lock=None))),
    ),
    passes=Example(
        "Each stage of `dvc.yaml` has an entry in `dvc.lock`.", context(head=lineage(TRAIN))
    ),
    runs=EVERYWHERE,
    fold=_fold,
    existing="info",
    in_status="error",
)
