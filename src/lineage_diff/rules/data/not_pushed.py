"""`not-pushed`: a version that a lock or `.dvc` file records and the remote does not have."""

import shlex
from collections.abc import Iterator, Sequence

from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.report.pushed import PushedOut
from lineage_diff.rules.examples import context
from lineage_diff.rules.rule import FRESHNESS, Context, Example, Rule
from lineage_diff.rules.wording import code, short_commit, short_id
from lineage_diff.text import join_some

NAME = "not-pushed"
_NAMED = 3


def _check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each target of `dvc push`."""
    stages = {stage.id: stage for stage in context.head.stages}
    by_stage: dict[str, list[PushedOut]] = {}
    for out in context.change.pushed:
        if out.state == "missing":
            by_stage.setdefault(out.stage, []).append(out)
    for name, outs in sorted(by_stage.items()):
        stage = stages.get(name)
        again = "add the data again" if name.endswith(".dvc") else "run the stage again"
        yield Finding(
            NAME,
            "error",
            outs[0].path if len(outs) == 1 else short_id(name),
            _message(name, outs),
            f"Run `dvc push {shlex.quote(outs[0].target)}` on a machine that has the data. If none "
            f"has it any more, {again}.",
            stage.file if stage else None,
            stage.line if stage else None,
        )


def _message(stage: str, outs: Sequence[PushedOut]) -> str:
    named = join_some([_missing_text(out) for out in outs], _NAMED)
    remote = f"the remote {code(outs[0].remote)}" if outs[0].remote else "the default remote"
    return f"{remote} does not have {named} of {code(short_id(stage))}{_writer(outs[0])}"


def _missing_text(out: PushedOut) -> str:
    size = f", {out.size:,} bytes" if out.size is not None else ""
    if out.listing_missing:
        files = f", {out.files:,} files" if out.files is not None else ""
        return f"{code(out.path)} (its listing is missing{files}{size})"
    if out.files is not None and out.files > 1:
        return f"{code(out.path)} ({out.missing:,} of {out.files:,} files{size})"
    return f"{code(out.path)}{f' ({out.size:,} bytes)' if out.size is not None else ''}"


def _writer(out: PushedOut) -> str:
    if out.commit is None:
        return ""
    author = f" by {out.author}" if out.author else ""
    return f", recorded in {short_commit(out.commit)}{author}"


_HASH = "md5:" + "9b1d" * 8
_MISSING = PushedOut(
    "model.pkl", "dvc.yaml:train", "train", "missing", _HASH, 5_000, "store", 1, 1, 1
)
_PUSHED = PushedOut("model.pkl", "dvc.yaml:train", "train", "pushed", _HASH, 5_000, "store", 1, 1)

RULE = Rule(
    name=NAME,
    severity="error",
    summary="a version that a lock or `.dvc` file records and the remote does not have",
    why=(
        "After a merge without `dvc push`, `dvc pull` fails on every other machine, and the stages "
        "that need the data cannot run there. This rule runs only with `check: [pushed]` in the "
        "configuration or `--check pushed`. `compare` looks for the versions that the change adds, "
        "`status` for all versions of the commit. A version that only the cache has is not pushed. "
        "Only listings are downloaded. Outs with `push: false` or `cache: false` and "
        "imports from other repositories are not pushed, so they are left out."
    ),
    hint="Run the `dvc push` of the finding on a machine that has the data.",
    check=_check,
    fails=Example(
        "`dvc.lock` has a new version of `model.pkl`, and `dvc push` was forgotten.",
        context(Change(pushed=(_MISSING,))),
    ),
    passes=Example(
        "`dvc push` was run before the commit.",
        context(Change(pushed=(_PUSHED,))),
    ),
    runs=FRESHNESS,
    existing="off",
)
