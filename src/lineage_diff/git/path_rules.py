"""Apply the `.gitignore` and `.gitattributes` files of a commit to its paths.

See gitignore(5) and gitattributes(5).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import dropwhile

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.lineage.paths import lock_beside
from lineage_diff.lineage.stage import Stage
from lineage_diff.parsing.ignore_patterns import NO_RULES, IgnoreRules, parse_ignore
from lineage_diff.parsing.work_budget import IGNORING, PATHS, TooMuchWorkError, WorkBudget

GITIGNORE = ".gitignore"
GITATTRIBUTES = ".gitattributes"
_CONVERTING = ("filter", "ident", "working-tree-encoding")
_MACRO = "[attr]"
# Git LFS's pointers are recognized by their content; of other files its filter changes nothing.
_LFS = "filter=lfs"
# The last segment of an attribute's pattern, and no name in Git: it matches no folder's files.
_FILE = "/\0"


def git_ignored(
    snapshot: Snapshot,
    stages: Iterable[Stage],
    held: Collection[str],
    work: WorkBudget | None = None,
    texts: dict[str, bytes] | None = None,
) -> frozenset[str]:
    """Return the deps, params files and uncached outs that Git ignores.

    `held` are the paths in Git; they are left out. Pipelines and locks are not left out: DVC
    checks the rules alone, even for a tracked file. `texts` caches file contents by blob id.
    """
    stages = tuple(stages)
    paths = {dep.path for stage in stages for dep in stage.deps if not dep.external}
    paths |= {param.path for stage in stages for param in stage.params}
    paths |= {out.path for stage in stages for out in stage.outs if not (out.cache or out.external)}
    kept = {out.path for stage in stages for out in stage.outs if out.cache}
    files = {stage.file for stage in stages if not stage.is_dvcfile}
    files |= set(map(lock_beside, files))
    git_ignore = GitIgnore(snapshot, work, texts)
    git_ignore.read_ahead(files)
    paths = paths.difference(held, kept) | files
    return frozenset(path for path in paths if git_ignore.ignores(path))


class PathRules:
    """Apply the files called `name` in the folders of one commit, each read when first needed.

    `patterns` turns the text of a file, and its folder, into patterns as `.gitignore` has them.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        work: WorkBudget | None = None,
        texts: dict[str, bytes] | None = None,
        *,
        name: str,
        patterns: Callable[[str, str], str] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._name = name
        self._patterns = patterns
        self._work = work or WorkBudget()
        self._texts = texts if texts is not None else {}
        self._rules: dict[str, IgnoreRules] = {}

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read the ignore files for these paths in one batch, which saves a wait for each."""
        folders: set[str] = set()
        for path in paths:
            while path:
                path = path.rpartition("/")[0]
                if path in folders:
                    break
                folders.add(path)
        entries = (self._entry(folder) for folder in sorted(folders))
        oids = dict.fromkeys(entry.oid for entry in entries if entry is not None)
        self._texts.update(self._snapshot.read_oids(o for o in oids if o not in self._texts))

    def of(self, folder: str) -> IgnoreRules:
        """Return the rules for a folder, built from its nearest ancestor with known rules.

        Not recursive: a commit may nest folders deeper than Python's recursion limit.
        """
        unknown: list[str] = []
        while folder and folder not in self._rules:
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        if not folder and folder not in self._rules:
            self._rules[folder] = self._with_own(folder, NO_RULES)
        rules = self._rules[folder]
        for inner in reversed(unknown):
            rules = self._rules[inner] = self._with_own(inner, rules)
        return rules

    def _with_own(self, folder: str, above: IgnoreRules) -> IgnoreRules:
        entry = self._entry(folder)
        if entry is None:
            return above
        if entry.oid not in self._texts:
            try:
                self._texts[entry.oid] = self._snapshot.read(self._file_in(folder))
            except InputError:
                return above
        text = self._texts[entry.oid].decode("utf-8", "replace")
        if self._patterns is not None:
            text = self._patterns(text, folder)
        return parse_ignore(text, folder, above, self._work, for_git=True)

    def _entry(self, folder: str) -> Entry | None:
        entry = self._snapshot.files().get(self._file_in(folder))
        # Git does not follow a symlink there.
        return entry if entry is not None and entry.kind in ("file", "executable") else None

    def _file_in(self, folder: str) -> str:
        return f"{folder}/{self._name}" if folder else self._name


class GitIgnore(PathRules):
    """Apply the `.gitignore` files of one commit.

    `.git/info/exclude` and a user's global ignore file are not part of a commit.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        work: WorkBudget | None = None,
        texts: dict[str, bytes] | None = None,
    ) -> None:
        super().__init__(snapshot, work, texts, name=GITIGNORE)
        self._ignored: dict[str, bool] = {"": False}

    def ignores(self, path: str) -> bool:
        """Return whether a rule matches the path or a folder above it; a folder's rule wins."""
        folder = path.rpartition("/")[0]
        return self._ignores_folder(folder) or self.of(folder).ignores(path, False)

    def _ignores_folder(self, folder: str) -> bool:
        unknown: list[str] = []
        while folder not in self._ignored:
            self._work.spend(4 + len(folder) // 8, PATHS)
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        ignored = self._ignored[folder]
        for inner in reversed(unknown):
            ignored = ignored or self.of(inner.rpartition("/")[0]).ignores(inner, True)
            self._ignored[inner] = ignored
        return ignored


class Conversions:
    """Finds the attribute by which Git converts a file of one commit on checkout.

    DVC hashes the file on disk, and Git holds another form of it: a notebook without its outputs,
    an encrypted file. No filter is run. What is asked raises `TooMuchWorkError` for too many lines.
    """

    def __init__(self, snapshot: Snapshot, work: WorkBudget) -> None:
        self._snapshot = snapshot
        self._work = work
        self._texts: dict[str, bytes] = {}
        # By attribute, in the order of `_CONVERTING`; those with a value are added when asked for.
        self._rules = {name: self._read(name) for name in _CONVERTING}
        self._values: dict[str, set[str]] = {name: set() for name in _CONVERTING}
        self._set: set[str] = set()
        # Git takes macros from the file at the top, which is read first, and from no other.
        self._macros: dict[str, dict[str, bool]] = {}
        self._folders: dict[str, list[tuple[str, IgnoreRules]]] = {}

    def attribute(self, path: str) -> str | None:
        """Return the name of the attribute that converts a file, `None` if none does."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            found = ((name, self._rules[name].of(folder)) for name in _CONVERTING)
            self._folders[folder] = [(name, rules) for name, rules in found if not rules.is_empty]
        matching = (
            name for name, rules in self._folders[folder] if rules.ignores(path + _FILE, False)
        )
        return next(matching, None)

    def setting(self, path: str) -> str | None:
        """Return that attribute as it is written for the file, with its value if it has one."""
        name = self.attribute(path)
        if name is None:
            return None
        folder = path.rpartition("/")[0]
        for setting in sorted(self._values[name]):
            if setting not in self._rules:
                self._rules[setting] = self._read(setting)
            if self._rules[setting].of(folder).ignores(path + _FILE, False):
                return setting
        return name

    def _read(self, setting: str) -> PathRules:
        patterns = partial(self._patterns_of, setting)
        return PathRules(
            self._snapshot, self._work, self._texts, name=GITATTRIBUTES, patterns=patterns
        )

    def _patterns_of(self, setting: str, text: str, folder: str) -> str:
        self._work.spend(len(text), IGNORING)
        name = setting.partition("=")[0]
        self._values[name].update(re.findall(rf"(?<![^\s])({name}=\S+)", text))
        macros = self._macros.setdefault(setting, {})
        lines = _patterns(setting, text, macros, is_top=not folder)
        if setting not in self._set:
            # What only unsets has no effect there: the lines of Git LFS, often thousands.
            lines = list(dropwhile(lambda line: line.startswith("!"), lines))
        if lines:
            self._set.add(setting)
        if len(lines) > limits.IGNORE_RULES:
            # Those left out might hide a conversion.
            what = f"`{name}` on more than {limits.IGNORE_RULES:,} lines of `{GITATTRIBUTES}`"
            raise TooMuchWorkError(what, hint="Let a line name more files.")
        return "\n".join(lines)


def _patterns(name: str, text: str, macros: dict[str, bool], *, is_top: bool) -> list[str]:
    """Return the patterns that set an attribute, and with `!` those that unset it, in order.

    With `=` and a value in `name`, another value unsets it. The macros of the top are added.
    """
    lines: list[str] = []
    for line in text.splitlines():
        pattern, attributes = _parts(line.strip())
        is_set = _last_set(name, attributes, macros)
        if is_set is None or not pattern:
            continue
        if pattern.startswith(_MACRO):
            if is_top:
                macros[pattern.removeprefix(_MACRO)] = is_set
        # Git takes no negative pattern, and gives a folder's files no attribute of the folder.
        elif not pattern.startswith("!") and not pattern.endswith("/"):
            lines.append(("" if is_set else "!") + _of_file(pattern))
    return lines


def _of_file(pattern: str) -> str:
    """Return the pattern that matches a file with `_FILE` behind it, and nothing below it."""
    where = pattern if "/" in pattern else f"**/{pattern}"
    return f"{where}/*{_FILE}" if where.endswith("/**") else where + _FILE


def _parts(line: str) -> tuple[str, list[str]]:
    """Split a line into its pattern, which may be quoted, and its attributes."""
    if line.startswith("#"):
        return "", []
    if line.startswith('"') and line.count('"') > 1:
        pattern, _, rest = line[1:].partition('"')
        return pattern, rest.split()
    pattern, *attributes = line.split() or [""]
    return pattern, attributes


def _last_set(name: str, attributes: list[str], macros: Mapping[str, bool]) -> bool | None:
    """Return whether the last mention of an attribute sets it, `None` without one."""
    return next(_settings(name, reversed(attributes), macros), None)


def _settings(name: str, attributes: Iterator[str], macros: Mapping[str, bool]) -> Iterator[bool]:
    for attribute in attributes:
        if attribute in macros:
            yield macros[attribute]
        elif attribute.lstrip("-!").partition("=")[0] == name.partition("=")[0]:
            is_set = attribute[0] not in "-!" and attribute != _LFS
            yield is_set and ("=" not in name or attribute == name)
