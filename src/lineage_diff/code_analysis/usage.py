"""Find the paths and params that stages use, in their commands and the scripts that they run."""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from lineage_diff import limits
from lineage_diff.code_analysis.python_imports import module_paths, run_module
from lineage_diff.code_analysis.python_paths import HERE
from lineage_diff.code_analysis.python_source import PythonSource, parse_source
from lineage_diff.code_analysis.shell_commands import CommandWords, command_words
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.code_usage import ParamUse, PathUse, Uses
from lineage_diff.lineage.graph import ancestors, build_graph
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import Command, Stage

_CODE = re.compile(r"\.(?:py|R|r|sh|jl|sql)$")


class UsesReader:
    """Reads the uses of stages. A script that commits and stages share is parsed once."""

    def __init__(self, bounds: Limits = USUAL) -> None:
        self._limits = bounds
        self._sources: dict[str, PythonSource] = {}
        self._words: dict[tuple[Command, str], CommandWords] = {}
        self._bytes = 0
        self._imported = 0

    def read(
        self, snapshot: Snapshot, stages: Iterable[Stage], all_stages: Iterable[Stage]
    ) -> dict[str, Uses]:
        """Return, by id, the paths that `stages` use and Git or any of `all_stages` tracks.

        Scripts are parsed in the order of `stages` until a limit is reached; the remaining stages
        are left out. `.dvc` files use nothing.
        """
        tree = _Tree(snapshot, build_graph(all_stages).producers)
        known: dict[tuple[Command, str], Uses | None] = {}
        found: dict[str, Uses] = {}
        for stage in stages:
            if stage.is_dvcfile or not stage.cmd:
                continue
            key = stage.cmd, stage.wdir
            if key not in known:
                if len(known) >= limits.COMMANDS:
                    continue
                known[key] = self._uses(tree, key)
            uses = known[key]
            if uses is not None:
                found[stage.id] = uses
        return found

    def _uses(self, tree: "_Tree", key: tuple[Command, str]) -> Uses | None:
        words = self._words.get(key)
        if words is None:
            words = self._words[key] = command_words(*key)
        named = tuple(PathUse(path) for path in sorted(words.named) if tree.tracks(path))
        cwd = words.cwd
        roots = tree.source_roots(cwd or "")
        entries = [(path, (folder_of(path), *roots)) for path in words.scripts]
        for folder, name in words.modules:
            path = run_module(folder, name, roots, tree.files)
            if path is not None:
                named = (*named, PathUse(path))
                entries.append((path, (folder, *roots)))
        imported: dict[str, PathUse] = {}
        read: dict[str, PathUse] = {}
        params: dict[tuple[str, str], ParamUse] = {}
        for path, search in entries:
            source = self._source(tree, path)
            if source is None:
                return None
            followed = self._imports(tree, path, tuple(dict.fromkeys(search)))
            if followed is None:
                return None
            for use in followed:
                imported.setdefault(use.path, use)
            if cwd is not None:
                for literal in _reads(tree, path, source, cwd):
                    read.setdefault(literal.path, literal)
                for use_ in _params(path, source, cwd):
                    params.setdefault((use_.file, use_.key), use_)
        entry_paths = {path for path, _ in entries}
        return Uses(
            tuple(sorted(named, key=lambda use: use.path)),
            tuple(imported[path] for path in sorted(imported) if path not in entry_paths),
            tuple(read[path] for path in sorted(read)),
            tuple(params[item] for item in sorted(params)),
        )

    def _imports(self, tree: "_Tree", entry: str, roots: tuple[str, ...]) -> list[PathUse] | None:
        """Follow a script's imports through the repository; `None` if a limit is reached."""
        found: list[PathUse] = []
        seen = {entry}
        waiting = [entry]
        while waiting:
            importer = waiting.pop(0)
            source = self._source(tree, importer)
            if source is None or len(seen) > limits.MODULES:
                return None
            targets = self._targets(tree, importer, source, roots)
            if targets is None:
                return None
            for path, line in targets.items():
                if path in seen:
                    continue
                seen.add(path)
                waiting.append(path)
                module = self._source(tree, path)
                if module is not None and not module.empty:
                    found.append(PathUse(path, importer, line))
        return found

    def _targets(
        self, tree: "_Tree", importer: str, source: PythonSource, roots: tuple[str, ...]
    ) -> Mapping[str, int] | None:
        """Return the files that a module imports, each with its first line; `None` for too many."""
        known = tree.targets.get((importer, roots))
        if known is None:
            self._imported += len(source.imports)
            if self._imported > limits.IMPORTS:
                return None
            files = tree.files
            known = tree.targets[importer, roots] = {}
            for item in source.imports:
                for path in module_paths(item, importer, roots, files):
                    known.setdefault(path, item.line)
        return known

    def _source(self, tree: "_Tree", path: str) -> PythonSource | None:
        entry = tree.files.get(path)
        if entry is None or entry.kind not in ("file", "executable"):
            return PythonSource()
        if entry.oid not in self._sources:
            if (
                len(self._sources) >= self._limits.scripts
                or self._bytes > self._limits.scripts_bytes
            ):
                return None
            content = next(iter(tree.snapshot.read_oids([entry.oid])), ("", b""))[1]
            self._bytes += len(content)
            self._sources[entry.oid] = parse_source(content)
        return self._sources[entry.oid]


class _Tree(Struct, frozen=True):
    """The tracked files of a commit: Git's files, and the outs of stages and `.dvc` files.

    `targets` are the files that modules import, by module and folders of `sys.path`.
    """

    snapshot: Snapshot
    producers: Mapping[str, str]
    targets: dict[tuple[str, tuple[str, ...]], dict[str, int]] = field(default_factory=dict)

    @property
    def files(self) -> Mapping[str, Entry]:
        """The files in Git."""
        return self.snapshot.files()

    def tracks(self, path: str) -> bool:
        """Return whether Git or DVC tracks a path, or DVC a folder above it."""
        if path in self.files or path in self.producers:
            return True
        if any(folder in self.producers for folder in ancestors(path)):
            return True
        return self.snapshot.entry(path) is not None

    def source_roots(self, cwd: str) -> tuple[str, ...]:
        """Return the usual source folders of the repository's packages."""
        return tuple(dict.fromkeys((cwd, join(cwd, "src"), "", "src")))


def _reads(tree: _Tree, script: str, source: PythonSource, cwd: str) -> Iterator[PathUse]:
    for literal in source.reads:
        path = _path_in_repository(literal.path, script, cwd)
        if path is None or path == script or _CODE.search(path):
            continue
        entry = tree.snapshot.entry(path)
        if (entry is None or entry.kind != "directory") and tree.tracks(path):
            yield PathUse(path, script, literal.line)


def _params(script: str, source: PythonSource, cwd: str) -> Iterator[ParamUse]:
    keys = {(item.file, item.key) for item in source.params}
    for item in source.params:
        # `params["train"]` may be a part of `params["train"]["epochs"]`.
        if any(file == item.file and key.startswith(item.key + ".") for file, key in keys):
            continue
        path = _path_in_repository(item.file, script, cwd)
        if path is not None:
            yield ParamUse(path, item.key, script, item.line)


def _path_in_repository(path: str, script: str, cwd: str) -> str | None:
    """Return a path of a script relative to the repository's root; `None` if outside."""
    placed = join("", script + path[1:]) if path.startswith(HERE) else join(cwd, path)
    return None if not placed or placed.startswith(("/", "..")) or "://" in placed else placed
