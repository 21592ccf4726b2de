"""Find what the base left behind in the head.

These are DVC files that the head hides from DVC, and the outs and inputs of stages that the head
removed or that declare less there. Their content in Git decides whether the change hides an edit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Hidden, Lineage
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import Dep, Out, ParamDep, Stage
from lineage_diff.lineage.version import Hash
from lineage_diff.parsing.ignore_patterns import DVCIGNORE, is_ignored, parse_ignore

_FILES = frozenset(("file", "executable"))
# No key of a params file: in place of all.
_ALL = ""


def hidden_files(base: Lineage, head: Lineage, old: Snapshot, new: Snapshot) -> tuple[Hidden, ...]:
    """Return the hidden files by path, without those that the head reads in full or removed.

    `old` and `new` are the files of the two commits.
    """
    kept = {stage.id for stage in head.stages}
    files = sorted({stage.file for stage in base.stages if stage.id not in kept})
    if not files:
        return ()
    locks = {item.file: item.lock_file for item in base.pipelines}
    pipelines = {item.file: bool(item.stages) for item in head.pipelines}
    read = {stage.file for stage in head.stages} | {*pipelines, *head.unreadable}
    twins = _unread_twins(files, read, old, new)
    found: list[Hidden] = []
    for file in files:
        search = len(found) < limits.HIDDEN_FILES
        hidden = _replaced_or_ignored(file, new, search) if file not in read else None
        if hidden is None and file in twins:
            hidden = Hidden(file, "renamed", twins[file], 1)
        lock = locks.get(file)
        is_empty = not pipelines.get(file, file in read)
        if hidden is None and is_empty and lock is not None and lock in new.files():
            hidden = Hidden(file, "lock-left", lock, 1)
        if hidden is not None:
            found.append(hidden)
    return tuple(found)


def _replaced_or_ignored(file: str, new: Snapshot, search: bool) -> Hidden | None:
    """Return why DVC does not read a file that still exists in some form; `None` if it does not.

    Without `search` the rule that ignores it is not searched for: the place is the file itself.
    """
    entry = new.entry(file)
    if entry is not None and entry.kind != "directory" and entry.kind != "submodule":
        place, line = (_ignored_by(file, new) if search else None) or (file, 1)
        return Hidden(file, "ignored", place, line)
    if entry is not None:
        return Hidden(file, "replaced", file)
    for folder in ancestors(file):
        above = new.entry(folder)
        if above is not None:
            return None if above.kind == "directory" else Hidden(file, "replaced", folder)
    return None


def _ignored_by(file: str, new: Snapshot) -> tuple[str, int] | None:
    """Return the `.dvcignore` and line that ignore a file or a folder above it."""
    found: tuple[str, int] | None = None
    folders = list(ancestors(file))
    # Each rule is matched against the file and every folder above it.
    left = limits.HIDING_RULES // (len(folders) + 1)
    for folder in ("", *reversed(folders)):
        path = f"{folder}/{DVCIGNORE}" if folder else DVCIGNORE
        try:
            text = new.read(path).decode("utf-8", "replace") if new.entry(path) else ""
        except InputError:
            continue
        lines = text.splitlines()[:left]
        left -= len(lines)
        for number, line in enumerate(lines, 1):
            rules = parse_ignore(line, folder)
            above = any(is_ignored(name, True, rules) for name in folders)
            if above or is_ignored(file, False, rules):
                found = path, number
    return found


def _unread_twins(
    files: list[str], read: set[str], old: Snapshot, new: Snapshot
) -> Mapping[str, str]:
    """Return, by file of the base, its path in the head under a name that DVC does not read."""
    before = old.files()
    wanted = {before[file].oid: file for file in reversed(files) if file in before}
    found: dict[str, str] = {}
    for path, entry in _new_files(before, new):
        file = wanted.get(entry.oid)
        if file is not None and path not in read and path != file:
            found.setdefault(file, path)
    return found


def _new_files(before: Mapping[str, Entry], new: Snapshot) -> Iterator[tuple[str, Entry]]:
    for path, entry in new.files().items():
        if entry.kind in _FILES and before.get(path) != entry:
            yield path, entry


def outs_left_over(base: Lineage, head: Lineage) -> list[tuple[Out, ...]]:
    """Return, for each stage of the base, its outs that no stage of the head makes at their paths.

    A `.dvc` file may track them. Stages without such outs are left out.
    """
    # Stages that both have are the same objects.
    now = dict.fromkeys(map(id, head.stages))
    before = [stage for stage in base.stages if id(stage) not in now and not stage.is_dvcfile]
    if not before:
        return []
    made = {out.path for stage in head.stages if not stage.is_dvcfile for out in stage.outs}
    left = (
        tuple(out for out in stage.outs if out.path not in made and not out.external)
        for stage in before
    )
    return [outs for outs in left if outs]


class EarlierStages:
    """The stages of another commit that differ from those of a commit, `stages`, or are gone."""

    def __init__(
        self, earlier: Sequence[Stage], stages: Sequence[Stage], snapshot: Snapshot
    ) -> None:
        # Stages that both have are the same objects.
        now, before = (dict.fromkeys(map(id, side)) for side in (stages, earlier))
        self._before = [stage for stage in earlier if id(stage) not in now]
        self._changed = {id(stage) for stage in stages if id(stage) not in before}
        self._by_out: dict[str, list[Stage]] = {}
        self._by_hash: dict[Hash, list[Stage]] = {}
        self._left: list[tuple[Stage, list[Out]]] = []
        if not self._before:
            return
        made = {out.path for stage in stages for out in stage.outs}
        names = {stage.id for stage in stages}
        for stage in self._before:
            outs = () if stage.is_dvcfile else stage.outs
            left: list[Out] = []
            for out in outs:
                self._by_out.setdefault(out.path, []).append(stage)
                if out.path in made or out.external:
                    continue
                if out.locked is not None and out.locked.hash is not None:
                    self._by_hash.setdefault(out.locked.hash, []).append(stage)
                if snapshot.entry(out.path) is not None:
                    left.append(out)
            # What a stage made may have moved in Git, if the stage is gone.
            if left or (stage.id not in names and not stage.is_dvcfile):
                self._left.append((stage, left))

    def left_to(self, stages: Sequence[Stage], root: str) -> list[Stage]:
        """Return the earlier stages whose outs a project keeps, without outs, each once.

        They are in its `.dvc` files, or still in Git below its folder `root`; these are deps here.
        So are the stages above them, and above deps that only a lock has.
        """
        if not self._before:
            return []
        found: dict[str, Stage] = {}
        for stage in stages if self._by_out else ():
            for out in stage.outs if stage.is_dvcfile else ():
                locked = out.locked.hash if out.locked is not None else None
                same = self._by_hash.get(locked, ()) if locked is not None else ()
                for old in (*self._by_out.get(out.path, ()), *same):
                    found[old.id] = replace(old, outs=())
        for old, outs in self._left:
            if root in ("", *ancestors(old.file)):
                deps = (Dep(out.path, out.declared, locked=out.locked) for out in outs)
                found[old.id] = replace(old, outs=(), deps=(*old.deps, *deps))
        # What they were made from may be gone with its stage, and the inputs of that still there.
        waiting = list(found.values())
        for stage in stages:
            if id(stage) in self._changed and stage.lock is not None:
                names = stage.lock.deps.keys() - {dep.declared for dep in stage.deps}
                deps = (Dep(join(stage.wdir, name), name) for name in sorted(names))
                waiting.append(replace(stage, deps=tuple(deps)))
        seen: set[str] = set()
        while waiting:
            paths = [dep.path for dep in waiting.pop().deps if dep.path not in seen]
            seen.update(paths)
            above = chain.from_iterable(map(self._made_at, paths))
            new = {old.id: replace(old, outs=()) for old in above if old.id not in found}
            found |= new
            waiting += new.values()
        return list(found.values())

    def _made_at(self, path: str) -> Iterator[Stage]:
        return chain.from_iterable(self._by_out.get(at, ()) for at in (path, *ancestors(path)))

    def params_users(self, stages: Sequence[Stage], left: Sequence[Stage]) -> list[Stage]:
        """Return all stages with params of the files in which keys are no longer declared.

        Such keys are in the lock of a project's stage, or the stages `left` declared them.
        """
        if not self._before:
            return []
        users = [stage for stage in left if stage.params]
        for stage in stages:
            dropped = tuple(_undeclared_params(stage)) if id(stage) in self._changed else ()
            if dropped:
                users.append(replace(stage, params=dropped))
        files = {param.path for stage in users for param in stage.params}
        if files:
            users += [s for s in stages if any(param.path in files for param in s.params)]
        return users


def _undeclared_params(stage: Stage) -> Iterator[ParamDep]:
    """Yield the params in a stage's lock entry that the stage no longer declares."""
    lock = stage.lock
    used: dict[str, set[str]] = {}
    for param in stage.params:
        used.setdefault(param.path, set()).update(param.keys or (_ALL,))
    for name, values in lock.params.items() if lock is not None else ():
        path = join(stage.wdir, name)
        known: Iterable[str] = used.get(path, ())
        keys = () if _ALL in known else tuple(key for key in values if key not in known)
        if keys:
            yield ParamDep(path, name, keys)
