"""Read the metrics and params of a commit, as `dvc metrics show` and `params show` do.

The files and their values are those of `dvc.repo.metrics.show` and `dvc.repo.params.show` at a
commit without cached data. Of a params file, only the keys that stages use are read, as in
`dvc.dependency.param`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from lineage_diff.dvc import unknown_reasons as unknown
from lineage_diff.dvc.project import Declared, Rules, is_hidden, is_listed_as_data
from lineage_diff.errors import ConvertedError, InputError, MalformedError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.values import ValuesFile, dpath_as_in_dvc
from lineage_diff.parsing.ignore_patterns import is_ignored
from lineage_diff.parsing.values_file import parse_values, suffix_of
from lineage_diff.parsing.work_budget import (
    LISTING,
    PARAMS,
    PARSING,
    VALUE_STEPS,
    TooMuchWorkError,
    WorkBudget,
)

_GLOB = frozenset("*?[")
_DPATH_STEPS = 10
# A value of a file that another path has, too: it costs a push nothing, and a report a row.
_REPEATED_STEPS = 160


def pick(values: Any, keys: Sequence[str], work: WorkBudget | None = None) -> Any:
    """Return the values at the dotted `keys`, nested as in the file; all values without keys.

    Keys that are not plain, or lie inside one another, are looked up with `dpath`, as in DVC: it
    has its own rules for globs, list indexes and merged lists. Raises `TypeError` and `ValueError`
    for values that `dpath` cannot search, `TooMuchWorkError` for a search of all values for too
    many keys.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return values
    work = work or WorkBudget()
    work.spend(sum(map(len, wanted)), PARAMS)
    paths = [key.split(".") for key in wanted]
    if _apart(paths) and not any(_GLOB & set(key) for key in wanted):
        picked: dict[str, Any] = {}
        if all(_copy(values, path, picked) for path in paths):
            return picked
    # dpath goes through all values for each key, and compares each part.
    parts = sum(map(len, paths)) + len(paths)
    work.spend(_DPATH_STEPS * parts * count_values(values), PARAMS)
    return _with_dpath(values, wanted)


def _apart(paths: list[list[str]]) -> bool:
    """Return whether no key lies inside another."""
    # In sorted order, a key comes right before the first key inside it.
    ordered = sorted(paths)
    return not any(two[: len(one)] == one for one, two in pairwise(ordered))


def _copy(values: Any, path: list[str], into: dict[str, Any]) -> bool:
    """Copy one plain key; return whether plain lookups in mappings found it."""
    for part in path[:-1]:
        if not isinstance(values, dict) or not part or part not in values:
            return False
        values = values[part]
        into = into.setdefault(part, {})
    if not isinstance(values, dict) or path[-1] not in values:
        return False
    into[path[-1]] = values[path[-1]]
    return True


def count_values(values: Any) -> int:
    """Return the number of values to search, including containers."""
    if isinstance(values, dict):
        return 1 + sum(map(count_values, values.values()))
    return 1 + sum(map(count_values, values)) if isinstance(values, list) else 1


def _with_dpath(values: Any, keys: list[str]) -> Any:
    dpath = dpath_as_in_dvc()
    picked: dict[str, Any] = {}
    for key in keys:
        dpath.merge(picked, deepcopy(dpath.search(values, key, separator=".")), separator=".")
    return picked


DEFAULT_PARAMS = "params.yaml"
_SUFFIXES = (".json", ".yaml", ".yml", ".toml")


Explain = Callable[[InputError, str, Snapshot, WorkBudget], InputError]


class ValuesReader:
    """Reads values files; a file that two commits share is parsed once.

    `explain` gets the error of a file and its path, and returns it, or a better one.
    """

    def __init__(self, explain: Explain) -> None:
        self._parsed: dict[tuple[str, str], Any] = {}
        self._explain = explain
        # With the number of its values, by the id of the parsed values, which stay in memory.
        self._metrics: dict[int, tuple[ValuesFile, int]] = {}

    def metrics(
        self,
        snapshot: Snapshot,
        declared: Declared,
        rules: Rules,
        work: WorkBudget | None = None,
    ) -> dict[str, ValuesFile]:
        """Return each metrics file of a project, by path. Raises `TooMuchWorkError`."""
        work = work or WorkBudget()
        cached = _cached_paths(declared)
        files: dict[str, ValuesFile] = {}
        wanted = tuple(_metric_paths(declared))
        paths = _with_kept_inside(wanted, _kept_inside(wanted, cached), snapshot)
        found = list(_expand(snapshot, paths, rules, work))
        self.read_ahead(snapshot, found, work)
        for path in found:
            file = self._read(snapshot, path, cached, work)
            if file.unknown is None:
                file = self._metrics_file(path, file.values, work)
            files[path] = file
        return dict(sorted(files.items()))

    def _metrics_file(self, path: str, values: Any, work: WorkBudget) -> ValuesFile:
        """Return a metrics file; files of the same content share their values, not their cost."""
        known = self._metrics.get(id(values))
        steps = VALUE_STEPS if known is None else _REPEATED_STEPS
        if known is None:
            file = metrics_file(path, values)
            known = self._metrics[id(values)] = file, count_values(file.values)
        try:
            with work.keep_some():
                work.spend(steps * known[1], PARSING)
        except TooMuchWorkError as error:
            return ValuesFile(path, None, unknown.unreadable(error), unreadable=True)
        return replace(known[0], path=path)

    def params(
        self,
        snapshot: Snapshot,
        declared: Declared,
        rules: Rules,
        work: WorkBudget | None = None,
    ) -> dict[str, ValuesFile]:
        """Return each params file of a project, by path, with the values that stages use.

        A file that the commit lacks is left out: its stages report missing params.
        Raises `TooMuchWorkError`.
        """
        work = work or WorkBudget()
        cached = _cached_paths(declared)
        files: dict[str, ValuesFile] = {}
        wanted = _params_wanted(snapshot, declared, rules)
        patterns = _pattern_parts(declared)
        kept = _kept_inside(wanted, cached)
        self.read_ahead(snapshot, wanted, work)
        for declared_path, keys in wanted.items():
            paths = _with_kept_inside((declared_path,), kept, snapshot)
            for path in _expand(snapshot, paths, rules, work):
                file = self._read(snapshot, path, cached, work)
                if file.unknown == unknown.ABSENT:
                    continue
                if file.unknown is None:
                    file = select_params(
                        path, file.values, keys, work, patterns.get(declared_path, 0)
                    )
                elif file.cached:
                    file = replace(file, keys=tuple(dict.fromkeys(keys)))
                files[path] = file
        for path, values in _template_variables(declared).items():
            files.setdefault(path, ValuesFile(path, values))
        return dict(sorted(files.items()))

    def load(self, snapshot: Snapshot, path: str, work: WorkBudget) -> Any:
        """Return all values at a path, the `InputError` that says why there are none, or `None`."""
        target = snapshot.resolve(path)
        entry = snapshot.entry(target) if target is not None else None
        if entry is None or entry.kind in ("directory", "submodule"):
            return None
        key = entry.oid, suffix_of(path)
        if key not in self._parsed:
            try:
                self._parsed[key] = _values(snapshot.read(path), path, work)
            except InputError as error:
                self._parsed[key] = error
        values = self._parsed[key]
        # Some encryption leaves text, which is valid YAML.
        bad = _no_values(path) if isinstance(values, str) else values
        if not isinstance(bad, InputError):
            return values
        found = self._explain(bad, path, snapshot, work)
        return values if found is bad else found

    def read_ahead(self, snapshot: Snapshot, paths: Iterable[str], work: WorkBudget) -> None:
        """Parse all new files among the paths in one batch, which saves a wait for each."""
        asked: dict[str, dict[str, str]] = {}
        for path in paths:
            entry, suffix = snapshot.files().get(path), suffix_of(path)
            if (
                entry is not None
                and entry.kind in ("file", "executable")
                and (entry.oid, suffix) not in self._parsed
            ):
                asked.setdefault(entry.oid, {}).setdefault(suffix, path)
        for oid, content in snapshot.read_oids(asked):
            for suffix, path in asked[oid].items():
                self._parsed[oid, suffix] = _values(content, path, work)

    def _read(
        self, snapshot: Snapshot, path: str, cached: set[str], work: WorkBudget
    ) -> ValuesFile:
        target = snapshot.resolve(path)
        entry = snapshot.entry(target) if target is not None else None
        if entry is None or entry.kind in ("directory", "submodule"):
            reached = snapshot.follow(path) or path
            if not cached.isdisjoint((path, *ancestors(path), reached, *ancestors(reached))):
                target = reached if reached != path else None
                return ValuesFile(path, None, unknown.CACHED, cached=True, target=target)
            return ValuesFile(path, None, unknown.ABSENT)
        values = self.load(snapshot, path, work)
        if isinstance(values, InputError):
            why, converted = unknown.unreadable(values), isinstance(values, ConvertedError)
            return ValuesFile(path, None, why, unreadable=True, oid=entry.oid, converted=converted)
        return ValuesFile(path, values)


def _values(content: bytes, path: str, work: WorkBudget) -> Any:
    """Return the values of a file, or the `InputError` of reading it."""
    try:
        return parse_values(content, path, work)
    except InputError as error:
        return error


def _no_values(path: str) -> MalformedError:
    return MalformedError(
        "it holds a single text, and no values", hint="Name its values.", file=path
    )


def _metric_paths(declared: Declared) -> Iterator[str]:
    for stage in declared.stages:
        for out in stage.outs:
            if out.kind == "metrics" and not out.external:
                yield out.path
    for _, path in declared.top_metrics:
        yield path


def _kept_inside(paths: Iterable[str], cached: set[str]) -> Mapping[str, list[str]]:
    """Return, by path of a folder, its values files in DVC's cache."""
    folders = set(paths) - cached
    inside: dict[str, list[str]] = {}
    for out in sorted(out for out in cached if out.endswith(_SUFFIXES)):
        for folder in ancestors(out):
            if folder in folders:
                inside.setdefault(folder, []).append(out)
    return inside


def _with_kept_inside(
    paths: Iterable[str], inside: Mapping[str, list[str]], snapshot: Snapshot
) -> Iterator[str]:
    """Yield the paths, and for a folder also its values files in DVC's cache."""
    for path in paths:
        if path not in inside or snapshot.entry(path) is not None:
            yield path
        yield from inside.get(path, ())


def _cached_paths(declared: Declared) -> set[str]:
    return {out.path for stage in declared.stages for out in stage.outs if out.cache}


def _expand(
    snapshot: Snapshot, paths: Iterable[str], rules: Rules, work: WorkBudget
) -> Iterator[str]:
    """Yield each path once; a folder is replaced by its files that are not ignored."""
    seen: set[str] = set()
    for path in paths:
        entry = snapshot.entry(path)
        found = [path]
        if entry is not None and entry.kind == "directory":
            found = list(_files_below(snapshot, path, rules, work)) or found
        for one in found:
            if one not in seen:
                seen.add(one)
                yield one


def _files_below(snapshot: Snapshot, folder: str, rules: Rules, work: WorkBudget) -> Iterator[str]:
    pending = [] if is_hidden(folder, True, rules) else [folder]
    while pending:
        above = pending.pop()
        for name, entry in snapshot.children(above):
            path = f"{above}/{name}" if above else name
            work.spend(32 + len(path) // 4, LISTING)
            if is_ignored(path, entry.kind == "directory", rules(above)):
                continue
            if entry.kind == "directory":
                pending.append(path)
            elif is_listed_as_data(name):
                yield path


def _params_wanted(snapshot: Snapshot, declared: Declared, rules: Rules) -> dict[str, list[str]]:
    """Return the keys used from each file, none for all keys (`_merge_params`)."""
    default = f"{declared.root}/{DEFAULT_PARAMS}".lstrip("/")
    wanted: dict[str, list[str]] = {}
    whole = {path for _, path in declared.top_params}
    if snapshot.entry(default) is not None and not is_hidden(default, False, rules):
        whole.add(default)
    for stage in declared.stages:
        for param in stage.params:
            if not param.keys:
                whole.add(param.path)
            wanted.setdefault(param.path, []).extend(param.keys)
    return {path: [] if path in whole else wanted[path] for path in sorted(wanted.keys() | whole)}


def _pattern_parts(declared: Declared) -> dict[str, int]:
    """Return, by params file, the number of parts in all stages' keys with a glob."""
    parts: dict[str, int] = {}
    for stage in declared.stages:
        for param in stage.params:
            if found := parts_of_patterns(param.keys):
                parts[param.path] = parts.get(param.path, 0) + found
    return parts


def parts_of_patterns(keys: Iterable[str]) -> int:
    """Count the parts of the keys with a glob, which are compared with all values."""
    return sum(2 + key.count(".") for key in keys if "*" in key)


def select_params(
    path: str, values: Any, keys: Sequence[str], work: WorkBudget, patterns: int
) -> ValuesFile:
    """Return a params file with the values at `keys`, or with all values without keys.

    `patterns` is the number of key parts that stages compare with all values.
    """
    try:
        if patterns:
            work.spend(patterns * count_values(values), PARAMS)
        if not keys:
            # Also where the file was parsed before: all its values are compared.
            work.spend(VALUE_STEPS * count_values(values), PARSING)
        return ValuesFile(path, pick(values, keys, work))
    except TooMuchWorkError as error:
        return ValuesFile(path, None, unknown.unreadable(error), unreadable=True)
    except (TypeError, ValueError, KeyError, IndexError):
        return ValuesFile(path, None, unknown.NOT_SEARCHABLE, unreadable=True)


def _template_variables(declared: Declared) -> dict[str, dict[str, Any]]:
    """Return the variables that templating read from files that are not params files."""
    files: dict[str, dict[str, Any]] = {}
    for by_file in declared.tracked_vars.values():
        for path, values in by_file.items():
            files.setdefault(path, {}).update(values)
    return files


def metrics_file(path: str, values: Any) -> ValuesFile:
    """Return the values of a metrics file that DVC shows, and the keys that it leaves out."""
    return ValuesFile(path, numbers(values) or {}, no_metrics=frozenset(_left_out(values)))


def _left_out(values: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            if isinstance(value, Mapping):
                yield from _left_out(value, f"{prefix}{key}.")
            elif value is None or isinstance(value, list | tuple):
                yield f"{prefix}{key}"


def numbers(values: Any) -> Any:
    """Keep the values that are metrics for DVC: numbers and text (`_extract_metrics`)."""
    if isinstance(values, int | float | str):
        return values
    if not isinstance(values, Mapping):
        return None
    kept = {key: numbers(value) for key, value in values.items()}
    return {key: value for key, value in kept.items() if value is not None and value != {}}
