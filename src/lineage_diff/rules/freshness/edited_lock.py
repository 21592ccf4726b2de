"""`edited-lock`: an entry of a lock file that no run of DVC writes."""

import shlex
from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.version import Content, Version
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import CODE, LOCK, TRAIN, context, lineage
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code, repro_hint

NAME = "edited-lock"
# A hash of the older scheme ignores line ends, so it does not determine the file's size.
_EXACT = "md5"


def _check(context: Context) -> Iterator[Finding]:
    before = {stage.id: stage for stage in context.base.stages}
    locks = {item.file: item.lock_file for item in context.head.pipelines}
    for stage in context.head.stages:
        old = before.get(stage.id)
        if stage.is_dvcfile or stage is old or stage.lock is None:
            continue
        known = {(item.path, item.locked) for item in _items(old)} if old is not None else set()
        for item in _items(stage):
            content = context.head_facts.evidence.contents.get(item.path)
            if item.locked is None or content is None or (item.path, item.locked) in known:
                continue
            wrong = _contradiction(item.locked, content)
            if wrong is not None:
                yield Finding(
                    NAME,
                    "error",
                    f"{stage.id}:{item.path}",
                    f"the lock of {code(stage.address)} records {code(item.path)} with {wrong}: no "
                    "run of DVC writes that",
                    f"Run `dvc repro --force {shlex.quote(stage.address)}` and commit the lock "
                    "file."
                    if stage.outs
                    else repro_hint(stage.address, False),
                    locks.get(stage.file) or stage.file,
                    stage.lock.line,
                )


def _items(stage: Stage | None) -> tuple[Dep | Out, ...]:
    return (*stage.deps, *stage.outs) if stage is not None else ()


def _contradiction(locked: Version, content: Content) -> str | None:
    """Return how a locked size or count contradicts the content of its hash, else `None`."""
    for version in (*content.versions, *content.eol_versions):
        if version.hash != locked.hash or version.hash is None or version.hash.algorithm != _EXACT:
            continue
        if version.hash.is_dir:
            return _difference_text(locked.nfiles, version.nfiles, "files")
        return _difference_text(locked.size, version.size, "bytes")
    return None


def _difference_text(locked: int | None, here: int | None, unit: str) -> str | None:
    if locked is None or here is None or locked == here:
        return None
    return f"{locked:,} {unit}, but the content of its hash has {here:,}"


_EDITED = replace(CODE, size=119)

RULE = Rule(
    name=NAME,
    severity="error",
    summary="an entry of a lock file that no run of DVC writes",
    why=(
        "A hash of an input was written by hand, so that a stale model looks fresh: the size "
        "beside it is still that of the previous version. DVC accepts such an entry as a run. An "
        "entry that the base has as well is not reported."
    ),
    hint="Run the stage again with `dvc repro --force`, and commit the lock file that it writes.",
    check=_check,
    fails=Example(
        "The hash of `train.py` in `dvc.lock` is new, and its size is not that of the file.",
        context(
            head=lineage(
                replace(
                    TRAIN,
                    deps=(replace(TRAIN.deps[0], locked=_EDITED),),
                    lock=replace(LOCK, deps={"train.py": _EDITED}),
                )
            )
        ),
    ),
    passes=Example("Hash and size are those of the file.", context()),
)
