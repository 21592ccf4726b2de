"""`data-shrank`: data that lost more of its size or files than chance explains."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.paths import matcher
from lineage_diff.lineage.policy import DataPolicy, Policy
from lineage_diff.report.change import Change, DataChange, Side
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "data-shrank"
SHARE = 0.2
"""The tolerated loss, as a share of 1, without an entry in the policy."""
_SMALL_BYTES = 10_000
_SMALL_FILES = 5
_FIGURES = (".png", ".jpg", ".jpeg", ".svg", ".pdf", ".html", ".gif", ".log")


def _check(context: Context) -> Iterator[Finding]:
    models = {model.path for model in context.change.models}
    tolerated = _tolerances(context.policy)
    stages = {stage.id: stage for stage in context.head.stages}
    graph = build_graph(context.head.stages)
    kinds = {out.path: out.kind for stage in context.head.stages for out in stage.outs}
    shrunk = {
        data.path: what
        for data in context.change.data
        if data.path not in models
        and not data.path.endswith(_FIGURES)
        and data.tracked_by != "git"
        and kinds.get(data.path, "out") == "out"
        and (what := _loss(data, tolerated(data.path))) is not None
    }
    producers = {graph.producers[path] for path in shrunk if path in graph.producers}
    for path, what in sorted(shrunk.items()):
        producer = graph.producers.get(path, "")
        # Data made from shrunk data shrinks too: report only the first.
        if any(link.stage in producers for link in graph.upstream.get(producer, ())):
            continue
        stage = stages.get(producer)
        yield Finding(
            NAME,
            "warning",
            path,
            f"{code(path)} shrank {what}",
            "Make sure that nothing was lost by mistake: check the stage that made it, or its "
            "source.",
            stage.file if stage else path,
            stage.line if stage else 1,
        )


def _tolerances(policy: Policy) -> Callable[[str], float]:
    """Return a function for the tolerated loss of a path, by the first matching entry."""
    entries = [(matcher((item.pattern,)), item.tolerance) for item in policy.data]
    return lambda path: next((share for matches, share in entries if matches(path)), SHARE)


def _loss(data: DataChange, tolerance: float) -> str | None:
    old, new = data.old, data.new
    if data.change not in ("modified", "renamed") or old is None or new is None:
        return None
    # Fewer files with more bytes: they were merged, not lost.
    grew = old.size is not None and new.size is not None and new.size > old.size
    if not grew and old.nfiles and new.nfiles is not None and old.nfiles >= _SMALL_FILES:
        lost = 1 - new.nfiles / old.nfiles
        if lost > tolerance:
            return f"from {old.nfiles:,} to {new.nfiles:,} files ({_percent(lost)} less)"
    if old.size and new.size is not None and old.size >= _SMALL_BYTES:
        lost = 1 - new.size / old.size
        if lost > tolerance:
            return f"from {old.size:,} to {new.size:,} bytes ({_percent(lost)} less)"
    return None


def _percent(share: float) -> str:
    return f"{share:.0%}" if share < 0.995 else "almost all"


_OLD = Side("md5:" + "41c0" * 8, 5_000_000)
_HALF = Side("md5:" + "9b1d" * 8, 2_500_000)
_ALMOST = Side("md5:" + "9b1d" * 8, 4_900_000)

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="data that lost more of its size or files than is tolerated: 20 % by default",
    why=(
        "An aborted export, a filter that is too strict or a failed join often shows first in the "
        "data's size; the pipeline still runs, and the metrics may even look better. Only the "
        "first dataset that shrank on the way to a model is reported. Models, metrics, plots and "
        "figures are not checked, nor is data below 10 kB or 5 files, or with more bytes in fewer "
        "files."
    ),
    hint=(
        "Make sure that nothing was lost by mistake. If such a loss is normal, set `tolerance` for "
        'the path under `data` in the configuration, as in `data: {"raw/**": {tolerance: 50%}}`.'
    ),
    check=_check,
    fails=Example(
        "`raw.csv` was 5 MB and is 2.5 MB now.",
        context(Change(data=(DataChange("raw.csv", "modified", _OLD, _HALF, "dvc"),))),
    ),
    passes=Example(
        "`raw.csv` was 5 MB and is 4.9 MB now; `sample.csv` was 5 MB and is 2.5 MB now, and the "
        "configuration tolerates 50 % for it.",
        replace(
            context(
                Change(
                    data=(
                        DataChange("raw.csv", "modified", _OLD, _ALMOST, "dvc"),
                        DataChange("sample.csv", "modified", _OLD, _HALF, "dvc"),
                    )
                )
            ),
            policy=Policy(data=(DataPolicy("sample.*", 0.5),)),
        ),
    ),
)
