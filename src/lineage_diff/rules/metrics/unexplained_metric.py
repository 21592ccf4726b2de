"""`unexplained-metric`: a metric that changed though its stage ran on the same inputs."""

from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.diff.metric_direction import unexplained_values
from lineage_diff.lineage.policy import MetricPolicy, Policy
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change, MetricAttribution, ValueChange
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.stages import place
from lineage_diff.rules.wording import code, short_id

NAME = "unexplained-metric"
_SHOWN = 3
_HINT = (
    "Fix the seeds, and declare under `deps` or `params` all inputs of the stage. If runs differ "
    "by chance, give the metric a `tolerance` in the configuration."
)
_Moved = list[tuple[str, str, ValueChange]]


def _check(context: Context) -> Iterator[Finding]:
    stages = {stage.id: stage for stage in context.head.stages}
    # One finding for the stages of one `foreach` or `matrix`, with all their changed metrics.
    groups: dict[object, tuple[Stage, _Moved]] = {}
    for move, key, change in unexplained_values(context.change, context.policy):
        root = next((stages[root] for root in move.roots if root in stages), None)
        if root is not None and change["old"] is not None and change["new"] is not None:
            groups.setdefault(place(root), (root, []))[1].append((move.file, key, change))
    for root, moved in groups.values():
        yield _finding(root, moved)


def _finding(root: Stage, moved: _Moved) -> Finding:
    file, key, change = moved[0]
    files = {file for file, _, _ in moved}
    if len(moved) == 1:
        what = f"{code(key)} in {code(file)} moved from {change['old']} to {change['new']}"
    else:
        shown = ", ".join(dict.fromkeys(code(key) for _, key, _ in moved[:_SHOWN]))
        more = f" and {len(moved) - _SHOWN} more" if len(moved) > _SHOWN else ""
        what = f"{shown}{more} in {code(file) if len(files) == 1 else f'{len(files)} files'} moved"
    return Finding(
        NAME,
        "warning",
        f"{file}:{key}" if len(moved) == 1 else file,
        f"{what} without a cause in the lineage: {code(short_id(root.id))} ran the same command "
        "on the same deps and params, with another result",
        _HINT,
        root.file,
        root.line,
    )


_MOVED = Change(
    metrics={"metrics.json": {"accuracy": {"old": 0.91, "new": 0.87, "diff": -0.04}}},
    metric_causes=(
        MetricAttribution("metrics.json", TRAIN.id, (), "unexplained", roots=(TRAIN.id,)),
    ),
)
_TOLERANT = Policy(metrics=(MetricPolicy("accuracy", tolerance=0.05),))

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a metric that changed though its stage ran on the same inputs",
    why=(
        "The cause is in no commit: a seed that is not fixed, or a file, param or package that the"
        " stage uses and does not declare. The next run may change it back. The proof is "
        "`dvc.lock`, which records the command, deps and params of both runs; without that proof "
        "nothing is reported. Times, memory, differences within the noise, and stages "
        "with `always_changed` or `persist` are not reported."
    ),
    hint=_HINT,
    check=_check,
    fails=Example(
        "`accuracy` goes from 0.91 to 0.87; `dvc.lock` names the same `train.py` for both runs.",
        context(_MOVED),
    ),
    passes=Example(
        "The same, and the configuration gives `accuracy` a tolerance of 0.05.",
        replace(context(_MOVED), policy=_TOLERANT),
    ),
)
