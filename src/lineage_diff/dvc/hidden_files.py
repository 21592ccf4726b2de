"""Find the DVC files of the base that the head hides from DVC, and how it hides them."""

from collections.abc import Iterator, Mapping

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Hidden, Lineage
from lineage_diff.parsing.ignore_patterns import DVCIGNORE, is_ignored, parse_ignore

_FILES = frozenset(("file", "executable"))


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
