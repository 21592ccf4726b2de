"""`dvc status` of a work tree beside the freshness of the commit that holds it, stage by stage."""

from collections.abc import Iterator, Mapping
from typing import Any

from lineage_diff.freshness.lock_check import check_context, own_reasons
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import ancestors, build_graph
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import same_version
from lineage_diff.report.reasons import NOTES, UNKNOWN, Reason
from tests.oracle.answers import Difference

Found = tuple[Difference, str | None]
Said = Mapping[str, list[Any]]


def status_differences(
    head: CommitState, root: str, others: tuple[str, ...], theirs: Said
) -> Iterator[Found]:
    """Yield the stages of a project that DVC and we do not call changed for the same parts.

    `theirs` are DVC's reasons by stage. The files of `.dvc` files are no part of a commit.
    """
    prefix = f"{root}/" if root else ""
    context = check_context(head, build_graph(head.lineage.stages))
    on_disk = {f"{prefix}{path}" for path in _changed_data(theirs)}
    recorded = {
        out.path: out.locked
        for stage in head.lineage.stages
        if stage.is_dvcfile
        for out in stage.outs
        if out.cache
    }
    for stage in head.lineage.stages:
        is_own = stage.id.startswith(prefix) and not stage.id.startswith(
            tuple(f"{other}/" for other in others)
        )
        if not is_own or stage.is_dvcfile or stage.is_dataset:
            continue
        said = theirs.get(stage.id.removeprefix(prefix), [])
        reasons = tuple(own_reasons(stage, context))
        # DVC's status leaves out a `.dvc` file in a folder that Git ignores, not data it records.
        absent = {
            dep.path
            for dep in stage.deps
            if dep.path in recorded and same_version(recorded[dep.path], dep.locked)
        }
        absent &= _deleted_deps(said, prefix)
        yield from _of_stage(stage, said, reasons, prefix, on_disk | absent)


def _of_stage(
    stage: Stage, said: list[Any], reasons: tuple[Reason, ...], prefix: str, on_disk: set[str]
) -> Iterator[Found]:
    dvc = _parts(said, stage, prefix)
    never_run = any(reason.kind == "never-run" for reason in reasons)
    ours = {_part(reason) for reason in reasons if reason.kind not in NOTES | UNKNOWN}
    if never_run:
        # DVC lists each part of a stage that never ran; one reason is enough for us.
        ours = dvc if said else {"never-run"}
    unknown = {_part(reason) for reason in reasons if reason.kind in UNKNOWN}
    missing = {reason.subject for reason in reasons if reason.kind == "dep-missing"}
    notes = {_part(reason): reason.kind for reason in reasons if reason.kind in NOTES}
    said_by_us = [f"{reason.kind} {reason.subject}" for reason in reasons]
    for part in sorted(dvc ^ ours):
        rule: str | None = notes.get(part)
        if part in unknown or (unknown and part == "command"):
            rule = "unknown"
        elif rule is None and _meets(part, on_disk):
            rule = "data-on-disk"
        elif part not in dvc and part in missing:
            rule = "untracked-data"
        yield Difference("status", f"{stage.id} {part}", said, said_by_us), rule


def _meets(part: str, on_disk: set[str]) -> bool:
    """Whether a part is, holds or lies in data that differs on the disk."""
    inner = f"{part}/"
    return not on_disk.isdisjoint((part, *ancestors(part))) or any(
        path.startswith(inner) for path in on_disk
    )


def _part(reason: Reason) -> str:
    if reason.kind == "command-changed":
        return "command"
    if reason.kind == "always-changed":
        return "always"
    if reason.kind.startswith("param"):
        return reason.subject.partition(":")[0]
    return reason.subject


def _parts(said: list[Any], stage: Stage, prefix: str) -> set[str]:
    """Return the paths of changed deps, params files and outs in Git, `command`, and `always`."""
    cached = {out.path for out in stage.outs if out.cache}
    found: set[str] = set()
    for item in said:
        if item == "always changed":
            found.add("always")
        elif item in ("changed command", "changed checksum"):
            found.add("command")
        elif isinstance(item, dict):
            for kind, paths in item.items():
                for path, how in paths.items():
                    at = path if "://" in path or path.startswith("/") else prefix + path
                    if kind == "changed deps" or at not in cached or how == "new":
                        found.add(at)
    return found


def _changed_data(theirs: Said) -> set[str]:
    """Return the outs that differ on the disk from what a lock or a `.dvc` file records."""
    return {
        path
        for said in theirs.values()
        for item in said
        if isinstance(item, dict)
        for path in item.get("changed outs", {})
    }


def _deleted_deps(said: list[Any], prefix: str) -> set[str]:
    """Return the deps that are not on the disk."""
    return {
        f"{prefix}{path}"
        for item in said
        if isinstance(item, dict)
        for path, how in item.get("changed deps", {}).items()
        if how == "deleted"
    }
