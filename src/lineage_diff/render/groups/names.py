"""Names of groups, names that show where they differ, and the entry in a stage's name.

The members of a group share the start and the end of their names. What they share is named once,
with `…` for the rest: `results/sim/…/model.h5`.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from lineage_diff.text import visible

# A shared part ends at one of these, so that no word is cut; at a folder or pipeline before others.
_FOLDER = "/"
_ENDS = "@._- "
# In characters: the most of a shortened name.
_LONGEST = 1_000


class SharedName(Struct, frozen=True):
    """What several names share: their `start` and their `end`. Both are empty if it is nothing."""

    start: str
    end: str

    def __str__(self) -> str:
        return f"{self.start}…{self.end}" if self.start or self.end else ""

    def rest(self, name: str) -> str:
        """Return what is left of one of the names."""
        return name[len(self.start) : len(name) - len(self.end)]


def shared_name(names: Iterable[str]) -> SharedName:
    """Return what names share, in whole folders or words; of equal names all of it."""
    names = list(names)
    low, high = min(names), max(names)
    if low == high:
        return SharedName(low, "")
    start = low[: _same(low, high)]
    start = start[: _after_last(start, whole=_FOLDER not in f"{low}{high}")]
    back = [name[len(start) :][::-1] for name in names]
    low, high = min(back), max(back)
    end = low[: _same(low, high)]
    return SharedName(start, end[: _after_last(end, whole=False)][::-1])


def common_name(names: Sequence[str]) -> str:
    """Return the one text for several names: `data/….csv` for `data/a.csv` and `data/b.csv`.

    Also with the folders between those that differ: `…/models/….pkl`. Empty if they share nothing.
    """
    folders = _common_folders(names)
    if folders:
        return folders
    shared = shared_name(names)
    return shared.start if all(name == shared.start for name in names) else str(shared)


def _common_folders(names: Sequence[str]) -> str:
    """Return the text for paths that share a folder below one that differs; else nothing."""
    depth = names[0].count(_FOLDER)
    if depth < 2 or any(name.count(_FOLDER) != depth for name in names):
        return ""
    *folders, ends = (
        sorted(set(part)) for part in zip(*(n.split(_FOLDER) for n in names), strict=True)
    )
    parts = [folder[0] if len(folder) == 1 else "…" for folder in folders]
    first = parts.index("…") if "…" in parts else depth
    if len(ends) == 1 or all(part == "…" for part in parts[first:]):
        return ""
    shown = [part for n, part in enumerate(parts) if part != "…" or parts[n - 1 : n] != ["…"]]
    return _FOLDER.join((*shown, str(shared_name(ends)) or "…"))


def folder_of(names: Sequence[str]) -> str:
    """Return the folder that all names are in, with its `/`; empty if there is none."""
    low, high = min(names), max(names)
    return low[: low[: _same(low, high)].rfind(_FOLDER) + 1]


def distinct_names(names: Iterable[str], width: int) -> dict[str, str]:
    """Return each name in at most about `width` characters, so that no two look the same.

    What is left out of a long name is what it shares with all others, else its middle; a name that
    would then look like another is shown with more characters.
    """
    known = {name: visible(name) for name in sorted(set(names))}
    shared = shared_name(known.values()) if len(known) > 1 else SharedName("", "")
    texts: dict[str, str] = {}
    taken: set[str] = set()
    for name, whole in known.items():
        text, size = _brief(whole, shared, width), width
        while text in taken and size < len(whole):
            size *= 2
            text = _cut(whole, size)
        taken.add(text)
        texts[name] = text
    return texts


def short_names(names: Iterable[str], width: int) -> dict[str, str]:
    """Return a shorter name for each that is longer than `width`.

    No two look the same, unless they do in `_LONGEST` characters.
    """
    known = distinct_names((name for name in names if len(name) > width), width)
    return {name: _cut(text, _LONGEST) for name, text in known.items()}


def _brief(name: str, shared: SharedName, width: int) -> str:
    if len(name) <= width:
        return name
    start = shared.start[:-1].rpartition(_FOLDER)[2] + _FOLDER if _FOLDER in shared.start else ""
    # The last folder that all share stays, as a hold for the eye.
    text = f"…/{start}{name[len(shared.start) :]}" if start else name
    return _cut(text, width)


def _cut(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def _same(one: str, two: str) -> int:
    same = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        same += 1
    return same


def _after_last(text: str, *, whole: bool) -> int:
    """Return the length of a shared text up to its last folder, else its last word.

    Without either it is all of it, if `whole`, else nothing.
    """
    at = max(text.rfind(_FOLDER), text.rfind(":"))
    if at < 0:
        at = max(text.rfind(mark) for mark in _ENDS)
    return at + 1 if at >= 0 else len(text) * whole


def family_of(stage: str | None) -> str | None:
    """Return the id of the entry that generates a stage: `dvc.yaml:train` for `dvc.yaml:train@a`.

    `None` for any other stage or path. DVC allows `@` in no other name of a stage.
    """
    if stage is None or "@" not in stage:
        return None
    file, colon, name = stage.rpartition(":")
    entry, at, _ = name.partition("@")
    generated = colon and at and entry and "/" not in entry
    return f"{file}:{entry}" if generated else None
