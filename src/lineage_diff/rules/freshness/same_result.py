"""`same-result`: a model that stayed the same though the locked inputs of its stage changed."""

import shlex
from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import Hash, Version, same_version
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import CODE, LOCK, MODEL, TRAIN, TRAIN_CHANGE, context, lineage
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "same-result"


def _check(context: Context) -> Iterator[Finding]:
    before = {stage.id: stage for stage in context.base.stages}
    producers = {out.path: stage for stage in context.base.stages for out in stage.outs}
    renamed = {stage.name: stage.renamed_from or stage.name for stage in context.change.stages}
    models: dict[str | None, set[str]] = {}
    for model in context.change.models:
        if model.change == "unchanged":
            models.setdefault(model.stage, set()).add(model.path)
    locks = {item.file: item.lock_file for item in context.head.pipelines}
    for stage in context.head.stages:
        old = before.get(renamed.get(stage.id, stage.id))
        unchanged = models.get(stage.id)
        if old is stage or not unchanged:
            continue
        if old is None or unchanged.isdisjoint(out.path for out in old.outs):
            # Another stage made the model.
            old = producers.get(min(unchanged))
            if old is None:
                continue
        same = sorted(_same_outs(old, stage) & unchanged)
        renewed, dropped = _changed_inputs(old, stage), _dropped_inputs(old, stage)
        if (renewed or dropped) and same:
            yield Finding(
                NAME,
                "info",
                stage.id,
                f"the lock of {code(stage.address)} {_describe_inputs(renewed, dropped)}, "
                f"and the same {code(same[0])}: either a run produced that, or the "
                "lock file was edited by hand",
                f"Nothing to do if it ran; if in doubt, run `dvc repro --force "
                f"{shlex.quote(stage.address)}`.",
                locks.get(stage.file) or stage.file,
                stage.lock.line if stage.lock else None,
            )


def _describe_inputs(renewed: list[str], dropped: list[str]) -> str:
    shown = renewed or dropped
    more = f" (and {len(shown) - 1} more)" if len(shown) > 1 else ""
    if renewed:
        return f"records another {code(shown[0])}{more} than before"
    return f"no longer records {code(shown[0])}{more}"


def _same_outs(old: Stage, new: Stage) -> set[str]:
    """Return the outs with the same version in both locks."""
    before = {out.path: out.locked for out in old.outs}
    return {
        out.path
        for out in new.outs
        if out.locked is not None
        and out.locked.hash is not None
        and same_version(before.get(out.path), out.locked)
    }


def _changed_inputs(old: Stage, new: Stage) -> list[str]:
    """Return the inputs of both runs whose versions differ, as shown in the message."""
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


def _dropped_inputs(old: Stage, new: Stage) -> list[str]:
    """Return the inputs that only the old lock records, as shown in the message."""
    if old.lock is None or new.lock is None:
        return []
    # The files of a moved pipeline may have moved with it, and keep their names.
    kept = {join(new.wdir, name) for name in new.lock.deps} | new.lock.deps.keys()
    paths = {name: join(old.wdir, name) for name in old.lock.deps.keys() - kept}
    found = sorted(path for path in paths.values() if path not in kept)
    params = {join(new.wdir, name): values for name, values in new.lock.params.items()}
    params |= new.lock.params
    for file, values in sorted(old.lock.params.items()):
        now = params.get(file) or params.get(join(old.wdir, file), {})
        found += [f"{file}:{key}" for key in values if key not in now]
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
    name=NAME,
    severity="info",
    summary="a model that stayed the same while the locked inputs of its stage changed",
    why=(
        "A run with the same result leaves such a lock, for example after an edit of a comment or "
        "the removal of a dep. So does an edit of the lock file by hand, which makes a stale model"
        " look fresh. One commit does not show which of the two happened, so this is only an info, "
        "unless the configuration raises its severity."
    ),
    hint="Nothing to do if the stage ran. If in doubt, run it again with `dvc repro --force`.",
    check=_check,
    fails=Example(
        "`dvc.lock` has a new hash of `train.py`, and the old one of `model.pkl`.",
        context(_CHANGED, lineage(_RELOCKED)),
    ),
    passes=Example(
        "`model.pkl` has a new hash too.",
        context(
            _CHANGED,
            lineage(replace(_RELOCKED, outs=(replace(TRAIN.outs[0], locked=_OTHER),))),
        ),
    ),
)
