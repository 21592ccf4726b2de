"""`nondeterministic-stage`: a run on the same inputs as an earlier one, with other results."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lineage_diff.diff.metric_direction import is_clock, unexplained_values
from lineage_diff.lineage.history import ChangedValue, RepeatedRun
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.findings import Finding
from lineage_diff.report.value_text import values
from lineage_diff.rules.examples import TRAIN, context
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.stages import place
from lineage_diff.rules.wording import code, short_commit
from lineage_diff.text import join_some

NAME = "nondeterministic-stage"
_SHOWN = 3
_HINT = (
    "Fix the seeds, and declare under `deps` or `params` all inputs of the stage. Until then, a "
    "small difference of its results means nothing."
)


def _check(context: Context) -> Iterator[Finding]:
    stages = {stage.id: stage for stage in context.head.stages}
    explained = _reported_elsewhere(context)
    # One finding for the stages of one `foreach` or `matrix`.
    groups: dict[object, list[tuple[Stage, RepeatedRun]]] = {}
    for run in context.head_facts.repeated_runs:
        stage = stages.get(run.stage)
        if stage is not None and run.stage not in explained and _differs(run):
            groups.setdefault(place(stage), []).append((stage, run))
    for members in groups.values():
        yield _finding(members)


def _finding(members: Sequence[tuple[Stage, RepeatedRun]]) -> Finding:
    stage, run = members[0]
    more = f", and so did {len(members) - 1} more of its kind" if len(members) > 1 else ""
    return Finding(
        NAME,
        "info",
        run.stage,
        f"{code(stage.address)} ran in {short_commit(run.commit)} with the same command, "
        f"deps, params and code as now, and gave other results: {_results(run)}{more}",
        _HINT,
        stage.file,
        stage.line,
    )


def _results(run: RepeatedRun) -> str:
    numbers = [
        "{} was {} and is {}".format(code(item.key), *values(item.old, item.new))
        for item in run.values
        if not is_clock(item.key)
    ]
    files = {item.file for item in run.values}
    outs = [code(out) for out in run.outs if out not in files]
    shown = [join_some(numbers, _SHOWN)] if numbers else []
    if outs:
        shown.append(f"{join_some(outs, _SHOWN)} {'differ' if len(outs) > 1 else 'differs'}")
    return "; ".join(shown)


def _differs(run: RepeatedRun) -> bool:
    """Whether more than times or memory use differs."""
    files = {item.file for item in run.values}
    return any(out not in files for out in run.outs) or any(
        not is_clock(item.key) for item in run.values
    )


def _reported_elsewhere(context: Context) -> frozenset[str]:
    """Return the stages that `unexplained-metric` reports, by their change from the base."""
    moved = unexplained_values(context.change, context.policy)
    return frozenset(root for move, _, _ in moved for root in move.roots)


_RUN = RepeatedRun(
    TRAIN.id,
    "9b1d" * 10,
    ("metrics.json",),
    (ChangedValue("metrics.json", "accuracy", 0.91, 0.9),),
)

RULE = Rule(
    name=NAME,
    severity="info",
    summary="a run on the same inputs as an earlier one, with other results",
    why=(
        "The stage ran with the same command, deps and params before, and its code in Git was the "
        "same, but it gave other numbers or outs. So its results differ by chance, or by something "
        "that it does not declare: a seed, a package, a service. The finding names the commit of "
        "the earlier run, and what differs. The earlier run is looked for in the newest 50 "
        "versions of `dvc.lock` before the change. It does not count if any other file of Git "
        "differs that the stage could read. Times, memory, metrics that are not in Git, plots, "
        "notebooks, pages and logs, and stages with `always_changed` or `persist` are not "
        "reported, nor is a stage that gets its data from elsewhere: one with neither tracked data "
        "among its deps nor metrics. If the base itself is the earlier run and a metric differs, "
        "`unexplained-metric` reports it."
    ),
    hint=_HINT,
    check=_check,
    fails=Example(
        "`accuracy` is 0.90; the same run in an older commit gave 0.91.",
        context(facts=RuleFacts(repeated_runs=(_RUN,))),
    ),
    passes=Example(
        "Only `seconds` differs.",
        context(
            facts=RuleFacts(
                repeated_runs=(
                    replace(_RUN, values=(ChangedValue("metrics.json", "seconds", 12, 13),)),
                )
            )
        ),
    ),
)
