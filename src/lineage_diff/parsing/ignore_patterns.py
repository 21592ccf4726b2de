"""Match `.dvcignore` and `.gitignore` patterns, reading each path segment once.

DVC turns a pattern into a regular expression that can take exponential time
(`dvc.ignore.DvcIgnorePatterns`); the meaning here is the same. The patterns of one file become a
tree of segments. The nodes reached in a folder are cached, so that a path costs only its own name.
"""

from collections.abc import Iterator

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.parsing.ignore_globs import Globs, is_glob
from lineage_diff.parsing.work_budget import IGNORING, WorkBudget

DVCIGNORE = ".dvcignore"
_ANY_DEPTH = "**"


class IgnoreRule(Struct, frozen=True):
    """One pattern. `segments` are globs or `**`, never two `**` in a row."""

    segments: tuple[str, ...]
    ignored: bool
    only_folders: bool


class IgnoreRules:
    """The rules for a folder: those of its own ignore file, then those of files above it."""

    __slots__ = ("_above", "_own")

    def __init__(self, own: "_Patterns | None" = None, above: "IgnoreRules | None" = None) -> None:
        self._own = own
        self._above = above

    @property
    def is_empty(self) -> bool:
        """Whether there is no rule, in the files above neither."""
        return self._own is None

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Return whether the last rule that matches `path` ignores it.

        The caller checks the folders above it first.
        """
        rules: IgnoreRules | None = self
        while rules is not None and rules._own is not None:
            last = rules._own.last_match(path, is_folder)
            if last is not None:
                return last
            rules = rules._above
        return False


NO_RULES = IgnoreRules()


def parse_ignore(
    text: str,
    folder: str,
    above: IgnoreRules = NO_RULES,
    work: WorkBudget | None = None,
    *,
    for_git: bool = False,
) -> IgnoreRules:
    """Parse the ignore file of `folder`; lines after the 2,000th are left out.

    `above` are the rules from the folders above.
    """
    work = work or WorkBudget()
    work.spend(len(text), IGNORING)
    rules = [rule for line in text.splitlines()[: limits.IGNORE_RULES] for rule in _rule(line)]
    if not for_git:
        rules = [rule for rule in rules if not _is_lost_on_dvc(rule)]
    return IgnoreRules(_Patterns(folder, rules, work), above) if rules else above


def is_ignored(path: str, is_folder: bool, rules: IgnoreRules) -> bool:
    """Return whether the last rule that matches `path` ignores it."""
    return rules.ignores(path, is_folder)


def _rule(line: str) -> Iterator[IgnoreRule]:
    pattern = line.strip()
    if not pattern or pattern.startswith("#"):
        return
    ignored = not pattern.startswith("!")
    pattern = pattern if ignored else pattern[1:]
    only_folders = pattern.endswith("/")
    core = pattern.removesuffix("/")
    parts = core.removeprefix("/").split("/")
    # No path has an empty name, so `a//b` matches nothing.
    if all(parts):
        where = parts if "/" in core else [_ANY_DEPTH, *parts]
        yield IgnoreRule(tuple(_without_repeats(where)), ignored, only_folders)


def _is_lost_on_dvc(rule: IgnoreRule) -> bool:
    """Whether DVC's library has a special case for a pattern, which DVC then never matches.

    `*/` and `**/` (`pathspec.patterns.gitignore.spec`, `dvc.ignore.DvcIgnorePatterns`).
    """
    return rule.only_folders and rule.segments in ((_ANY_DEPTH,), (_ANY_DEPTH, "*"))


def _without_repeats(segments: list[str]) -> Iterator[str]:
    """Leave out a `**` after another: two mean the same as one."""
    before = ""
    for segment in segments:
        if segment != _ANY_DEPTH or before != _ANY_DEPTH:
            yield segment
        before = segment


class _Node:
    """A node in the tree of segments: its children, and the last rules that end here.

    `repeats` is set after a `**`: any name leads to this node again. In each pair of rules, the
    second applies to folders only. `inside` are the rules that end in `**`: they match the paths
    below the folder, and the folder itself.
    """

    __slots__ = ("deeper", "globs", "inside", "names", "repeats", "rules")

    def __init__(self, repeats: bool = False) -> None:
        self.names: dict[str, _Node] = {}
        self.globs: Globs[_Node] | None = None
        self.deeper: _Node | None = None
        self.repeats = repeats
        self.rules = (-1, -1)
        self.inside = (-1, -1)

    def child(self, segment: str) -> "_Node":
        """Return the child node for a segment; create it if there is none."""
        if segment == _ANY_DEPTH:
            self.deeper = self.deeper or _Node(repeats=True)
            return self.deeper
        if not is_glob(segment):
            return self.names.setdefault(segment, _Node())
        self.globs = self.globs or Globs()
        return self.globs.get(segment, _Node)

    def end(self, number: int, rule: IgnoreRule) -> None:
        """Record a rule that ends here; a later rule replaces an earlier one."""
        if rule.segments[-1] == _ANY_DEPTH:
            self.inside = _with(self.inside, number, rule.only_folders)
        else:
            self.rules = _with(self.rules, number, rule.only_folders)


def _with(pair: tuple[int, int], number: int, only_folders: bool) -> tuple[int, int]:
    return (pair[0], number) if only_folders else (number, pair[1])


def _later(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    return max(one[0], two[0]), max(one[1], two[1])


class _Reached(Struct, frozen=True):
    """The nodes reached by a folder's path, and the last rules that match all paths in it."""

    nodes: tuple[_Node, ...]
    rules: tuple[int, int]


class _Patterns:
    """The rules of one ignore file, with a cache of the nodes reached in each folder."""

    def __init__(self, folder: str, rules: list[IgnoreRule], work: WorkBudget) -> None:
        self._prefix = f"{folder}/" if folder else ""
        self._signs = [rule.ignored for rule in rules]
        self._work = work
        root = _Node()
        for number, rule in enumerate(rules):
            # A node's memory counts as much as some fifty steps.
            work.spend(64 * len(rule.segments), IGNORING)
            node = root
            for segment in rule.segments:
                node = node.child(segment)
            node.end(number, rule)
        self._folders = {"": self._reach_inside(_closed([root]), (-1, -1))}

    def last_match(self, path: str, is_folder: bool) -> bool | None:
        """Return whether the last matching rule ignores the path; `None` if none matches."""
        self._work.spend(1, IGNORING)
        if not path.startswith(self._prefix) or path == self._prefix:
            return None
        inner = path[len(self._prefix) :]
        if is_folder:
            number = max(self._of(inner).rules)
        else:
            above, _, name = inner.rpartition("/")
            number = self._step(self._of(above), name)[1][0]
        return None if number < 0 else self._signs[number]

    def _of(self, folder: str) -> _Reached:
        """Return the nodes reached in a folder, starting at its nearest cached ancestor."""
        known = folder
        while known not in self._folders:
            known = known.rpartition("/")[0]
        reached = self._folders[known]
        while len(known) < len(folder):
            start = len(known) + 1 if known else 0
            end = folder.find("/", start)
            known = folder if end < 0 else folder[:end]
            reached = self._folders[known] = self._reach_inside(*self._step(reached, known[start:]))
            self._work.spend(8 + len(known) // 8 + 4 * len(reached.nodes), IGNORING)
        return reached

    def _step(self, above: _Reached, name: str) -> tuple[list[_Node], tuple[int, int]]:
        """Return the nodes reached by one more name, and the last rules that match it."""
        if not above.nodes:
            return [], above.rules
        self._work.spend(len(above.nodes), IGNORING)
        found: list[_Node] = []
        for node in above.nodes:
            if node.repeats:
                found.append(node)
            child = node.names.get(name)
            if child is not None:
                found.append(child)
            if node.globs is not None:
                found += node.globs.matching(name, self._work)
        nodes = _closed(found)
        rules = above.rules
        for node in nodes:
            rules = _later(rules, node.rules)
        return nodes, rules

    @staticmethod
    def _reach_inside(nodes: list[_Node], rules: tuple[int, int]) -> _Reached:
        for node in nodes:
            rules = _later(rules, node.inside)
        return _Reached(tuple(nodes), rules)


def _closed(nodes: list[_Node]) -> list[_Node]:
    """Add the nodes after a `**`, which also matches no folder at all; each node once."""
    found = dict.fromkeys(nodes)
    found.update((node.deeper, None) for node in nodes if node.deeper is not None)
    return list(found)
