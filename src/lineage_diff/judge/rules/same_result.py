"""`same-result`: a model whose stage is locked on other inputs, with the results it had."""

import shlex
from collections.abc import Iterator
from dataclasses import replace

from lineage_diff.compare.change import Change
from lineage_diff.compare.versions import same_version
from lineage_diff.judge.finding import Finding
from lineage_diff.judge.rule import Context, Example, Rule
from lineage_diff.judge.sample import CODE, LOCK, MODEL, TRAIN, TRAIN_CHANGE, context, lineage
from lineage_diff.judge.wording import code
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import Hash, Version

NAME = "same-result"


def _check(context: Context) -> Iterator[Finding]:
    before = {stage.id: stage for stage in context.base.stages}
    renamed = {stage.name: stage.renamed_from or stage.name for stage in context.change.stages}
    makers = {model.stage for model in context.change.models if model.change != "removed"}
    locks = {item.file: item.lock_file for item in context.head.pipelines}
    for stage in context.head.stages:
        old = before.get(renamed.get(stage.id, stage.id))
        if stage.id not in makers or old is None or old is stage or not _has_same_outs(old, stage):
            continue
        renewed = _renewed(old, stage)
        if renewed:
            more = f" (and {len(renewed) - 1} more)" if len(renewed) > 1 else ""
            yield Finding(
                NAME,
                "info",
                stage.id,
                f"the lock of {code(stage.address)} names another {code(renewed[0])}{more} than "
                "before, and every result is the same: a run may give that, and an edit of the "
                "lock file looks alike",
                f"Nothing, if it ran; if in doubt, run `dvc repro --force "
                f"{shlex.quote(stage.address)}`.",
                locks.get(stage.file) or stage.file,
                stage.lock.line if stage.lock else None,
            )


def _has_same_outs(old: Stage, new: Stage) -> bool:
    """Whether both locks name the same version of each out, of which there are some."""
    before = {out.path: out.locked for out in old.outs}
    return bool(new.outs) and all(
        out.locked is not None
        and out.locked.hash is not None
        and same_version(before.get(out.path), out.locked)
        for out in new.outs
    )


def _renewed(old: Stage, new: Stage) -> list[str]:
    """Return what both stages ran on, in another version, as a person names it."""
    before = {dep.path: dep.locked for dep in old.deps}
    found = [
        dep.path
        for dep in new.deps
        if before.get(dep.path) and dep.locked and not same_version(before[dep.path], dep.locked)
    ]
    values = {param.path: param.locked or {} for param in old.params}
    for param in new.params:
        was = values.get(param.path, {})
        found += [
            f"{param.path}:{key}"
            for key, value in (param.locked or {}).items()
            if key in was and was[key] != value
        ]
    if old.lock and new.lock and old.lock.cmd != new.lock.cmd:
        found.append("command")
    return found


_EDITED = Version(Hash("md5", "77aa" * 8), 120)
_RELOCKED = replace(
    TRAIN,
    deps=(replace(TRAIN.deps[0], locked=_EDITED),),
    lock=replace(LOCK, deps={"train.py": _EDITED}),
)
_CHANGED = Change(models=(MODEL,), stages=(TRAIN_CHANGE,))
_OTHER = Version(Hash("md5", "5ec2" * 8), CODE.size)

RULE = Rule(
    NAME,
    "info",
    "a model whose stage is locked on other inputs, with the very results that it had",
    "A run that gives the same bytes leaves such a lock, as after a comment was edited. So does an "
    "edit of the lock file by hand, which makes a stale model look fresh. No commit tells the one "
    "from the other, so this is a note and no more, unless the configuration says otherwise.",
    "Nothing, if the stage ran. If in doubt, run it again with `dvc repro --force`.",
    _check,
    Example(
        "`dvc.lock` has a new hash of `train.py`, and the old one of `model.pkl`.",
        context(_CHANGED, lineage(_RELOCKED)),
    ),
    Example(
        "`model.pkl` has a new hash too.",
        context(
            _CHANGED,
            lineage(replace(_RELOCKED, outs=(replace(TRAIN.outs[0], locked=_OTHER),))),
        ),
    ),
)
