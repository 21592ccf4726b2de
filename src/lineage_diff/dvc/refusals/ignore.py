"""Find the `.dvcignore` files of a project and the errors in them (`dvc.ignore`)."""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence

from lineage_diff import limits
from lineage_diff.dvc import problems
from lineage_diff.dvc.project import ProjectRoots, Rules, is_hidden
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Problem
from lineage_diff.parsing.work_budget import IGNORING, WorkBudget

_HINT = "Correct it: until then each DVC command ends at it."
# All that may be wrong in a pattern.
_ODD = re.compile(r"[\\\[]|^!/*$")
_LONGEST = 500
# As measured: a regular expression of each pattern is compiled.
_PATTERN_STEPS, _CHARACTER_STEPS = 300, 20


def ignore_files(root: str, roots: ProjectRoots, rules: Rules) -> list[str]:
    """Return the `.dvcignore` files of the project in `root`, one of the `roots`, sorted.

    One that a rule leaves out, by itself or with its folder, is none.
    """
    return [path for path in roots.ignore_files(root) if not is_hidden(path, False, rules)]


def ignore_refusals(
    files: Sequence[str], outs: Iterable[str], snapshot: Snapshot, work: WorkBudget
) -> Iterator[Problem]:
    """Yield a problem for the first line of each file that makes DVC fail, outside of `outs`.

    Raises `TooMuchWorkError`.
    """
    made = frozenset(outs)
    for path in files:
        if made.isdisjoint(ancestors(path)):
            try:
                content = snapshot.read(path)
            except InputError:
                continue
            yield from _refusals(content, path, work)


def _refusals(content: bytes, path: str, work: WorkBudget) -> Iterator[Problem]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        yield problems.refused(path, "not valid UTF-8", "Save the file as UTF-8.", line)
        return
    for number, written in enumerate(text.splitlines()[: limits.IGNORE_RULES], 1):
        pattern = written.strip()
        if len(pattern) <= _LONGEST and _ODD.search(pattern):
            work.spend(_PATTERN_STEPS + _CHARACTER_STEPS * len(pattern), IGNORING)
            if _breaks(pattern):
                yield problems.refused(path, f"no pattern: `{pattern}`", _HINT, number)
                return


def _breaks(pattern: str) -> bool:
    """Return whether DVC's library fails to compile a pattern; the result is never used."""
    # Saves DVC's library where every pattern is a plain one.
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    if pattern.startswith("#"):
        return False
    try:
        found, _ = GitIgnoreSpecPattern.pattern_to_regex(pattern)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(found or "")
    except (ValueError, re.error):
        return True
    return False
