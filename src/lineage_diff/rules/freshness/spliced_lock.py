"""`spliced-lock`: a lock entry that a merge combined, and no run wrote."""

import shlex
from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.history import Splice
from lineage_diff.lineage.stage import LockEntry, Part, Stage, lock_parts
from lineage_diff.lineage.version import Hash, Version
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import CODE, EVIDENCE, LOCK, TRAIN, context, lineage
from lineage_diff.rules.rule import EVERYWHERE, Context, Example, Rule
from lineage_diff.rules.wording import code, repro_hint, short_commit
from lineage_diff.text import join_some

NAME = "spliced-lock"
_SHOWN = 3


def _check(context: Context) -> Iterator[Finding]:
    locks = {item.file: item.lock_file for item in context.head.pipelines}
    for stage in context.head.stages:
        splice = context.head_facts.evidence.splices.get(stage.id)
        if splice is None or stage.lock is None:
            continue
        merge = f"the merge {short_commit(splice.merge)}" if splice.merge else "this merge"
        yield Finding(
            NAME,
            "warning" if splice.is_mild else "error",
            stage.id,
            f"no run wrote the lock entry of {code(stage.address)}: {merge} combined it, "
            f"{_mixed_parts(stage, stage.lock, splice)}",
            f"Run `dvc repro --force {shlex.quote(stage.address)}` on the merged files, and commit "
            "the lock file."
            if stage.outs
            else repro_hint(stage.address, False),
            locks.get(stage.file) or stage.file,
            stage.lock.line,
        )


def _mixed_parts(stage: Stage, entry: LockEntry, splice: Splice) -> str:
    """Return a text on the parts of an entry by the parent that they come from."""
    wanted = lock_parts(entry)
    outs = {part for part in wanted if part[0] == "outs"}
    source = next((run for run in splice.runs if outs <= lock_parts(run)), None)
    if source is None:
        return "with results of more than one parent"
    names = sorted({_part_name(part) for part in wanted - lock_parts(source)})
    shown = join_some([code(name) for name in names], _SHOWN)
    mild = "; no result changed on both sides" if splice.is_mild else ""
    return f"with {shown} of one parent and the results of another{mild}"


def _part_name(part: Part) -> str:
    kind, name, _ = part
    return "cmd" if kind == "cmd" else name if kind in ("deps", "outs") else f"{kind}{name}"


_OTHER = Version(Hash("md5", "77aa" * 8), 140)
_RESULT = Version(Hash("md5", "5ec2" * 8), 5_100)
_RAW = Version(Hash("md5", "0d0d" * 8), 900)
_OURS = LockEntry("python train.py", {"train.py": CODE, "raw.csv": _RAW}, LOCK.outs, {})
_THEIRS = LockEntry(
    "python train.py", {"train.py": _OTHER, "raw.csv": _OTHER}, {"model.pkl": _RESULT}, {}
)
_MIXED = LockEntry("python train.py", {"train.py": _OTHER, "raw.csv": _RAW}, LOCK.outs, {}, 3)

RULE = Rule(
    name=NAME,
    severity="error",
    summary="a lock entry that a merge combined, and no run wrote",
    why=(
        "Git merges `dvc.lock` line by line. If both sides ran a stage on different inputs, the "
        "merged entry may have an input of one side and the model of the other. DVC accepts it as "
        "a run and calls it up to date, but no run made that model from those inputs. An entry of "
        "a merge is reported if none of the parents has it, and each part of it is from one of "
        "them; a `dvc repro` in or after the merge writes its own result. If no result changed on "
        "both sides, a run may well produce the same, so it is a warning. A rebase, a cherry-pick "
        "or a squash has no second parent, so nothing is found there."
    ),
    hint="Run the stage again with `dvc repro --force`, and commit the lock file that it writes.",
    check=_check,
    fails=Example(
        "For `train`, `dvc.lock` has `train.py` of one side of a merge, and `model.pkl` of the "
        "other.",
        context(
            head=lineage(replace(TRAIN, lock=_MIXED)),
            evidence=replace(
                EVIDENCE, splices={TRAIN.id: Splice("3f2c1aa" + "0" * 33, (_OURS, _THEIRS))}
            ),
        ),
    ),
    passes=Example("The merge took the whole entry of one side.", context()),
    runs=EVERYWHERE,
    existing="off",
)
