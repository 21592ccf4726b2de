"""`push-unknown`: versions that could not be looked for in the remote."""

from collections.abc import Iterator

from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.report.pushed import PushedOut
from lineage_diff.rules.examples import context
from lineage_diff.rules.rule import FRESHNESS, Context, Example, Rule
from lineage_diff.rules.wording import code
from lineage_diff.text import join_some

NAME = "push-unknown"
_NAMED = 3


def _check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each reason."""
    by_reason: dict[str, list[PushedOut]] = {}
    for out in context.change.pushed:
        if out.state == "unknown":
            by_reason.setdefault(out.reason or "", []).append(out)
    stages = {stage.id: stage for stage in context.head.stages}
    for reason, outs in sorted(by_reason.items()):
        stage = stages.get(outs[0].stage)
        named = join_some([code(out.path) for out in outs], _NAMED)
        yield Finding(
            NAME,
            "warning",
            outs[0].path,
            f"{named} could not be looked for in the remote: {reason}{_so_far(outs)}",
            "Check the remote and the credentials of this run. Until then, ask with "
            "`dvc data status --not-in-remote`.",
            stage.file if stage else None,
            stage.line if stage else None,
        )


def _so_far(outs: list[PushedOut]) -> str:
    asked = sum(out.asked for out in outs)
    files = sum(out.files or 0 for out in outs)
    return f" ({asked:,} of {files:,} files looked for, all there)" if asked else ""


_HASH = "md5:" + "9b1d" * 8
_UNKNOWN = PushedOut(
    "model.pkl",
    "dvc.yaml:train",
    "train",
    "unknown",
    _HASH,
    5_000,
    "store",
    1,
    reason="the remote `store` does not answer in time",
)
_PUSHED = PushedOut("model.pkl", "dvc.yaml:train", "train", "pushed", _HASH, 5_000, "store", 1, 1)

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="versions that could not be looked for in the remote",
    why=(
        "The remote did not answer, refused access or was too slow, or the change comes from a "
        "fork, for which it is not asked. So it is not known whether the versions were pushed. To "
        "block a merge until the remote is known to have every version, set this rule to `error`."
    ),
    hint="Check the remote and the credentials of the run.",
    check=_check,
    fails=Example("The remote does not answer.", context(Change(pushed=(_UNKNOWN,)))),
    passes=Example("The remote has every version.", context(Change(pushed=(_PUSHED,)))),
    runs=FRESHNESS,
    existing="off",
)
