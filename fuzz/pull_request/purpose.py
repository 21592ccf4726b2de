"""Where lineage-diff differs from DVC on purpose, with the page that says so."""

from collections.abc import Callable

import msgspec

from fuzz.pull_request.cases import Case


class Purpose(msgspec.Struct, frozen=True):
    """A difference that is meant: its kind, a part of its text, when it counts, and the page."""

    kind: str
    text: str
    page: str
    counts: Callable[[Case], bool] = lambda _case: True


def _has(*names: str) -> Callable[[Case], bool]:
    return lambda case: any(made.name in names for made in (*case.edits, *case.moves))


def _ignores_data(case: Case) -> bool:
    return case.shape == "data" and _has("gitignore")(case)


_RAW_GONE = "data/raw.csv': 'deleted'"
_PAGE_OF_IGNORED = "differences-from-dvc.md: a pattern of `.gitignore`"
_REFUSES = "green where DVC refuses"
PURPOSES = (
    Purpose(_REFUSES, "NotDvcRepoError", "differences-from-dvc.md: a folder without `.dvc`"),
    Purpose(_REFUSES, "CloneError", "differences-from-dvc.md: the machine reaches no source"),
    # Of an input that cannot be read, a lock that was written again is a warning.
    Purpose(
        _REFUSES, "Error: [Errno", "freshness.md: the lock was written again", _has("link-away")
    ),
    Purpose(
        "green where DVC is red", "modified", "freshness.md: `line-endings`", _has("line-ends")
    ),
    # One commit alone shows no earlier entry: a new one is taken for a run.
    Purpose(
        "status: fresh where DVC is red",
        "modified",
        "freshness.md: facts from the history",
        _has("submodule", "lfs-pointer", "link-away", "gitignore"),
    ),
    Purpose(
        "status: fresh where DVC is red",
        "modified",
        "freshness.md: line-endings",
        _has("line-ends"),
    ),
    # Of an input that only the history decides, a hash edited by hand looks like a run.
    Purpose(
        "green where DVC is red",
        "modified",
        "security.md: a lock that was edited without a run",
        lambda case: _has("dep-hash")(case) and _has("input-to-dvc")(case),
    ),
    # The data of such a hash is nowhere.
    Purpose(
        "status: stale where DVC is clean",
        "",
        "freshness.md: `edited-dvc-file`",
        _has("other-hash-of-data", "out-hash"),
    ),
    Purpose(
        "red after a forced run",
        "too large or too deep to parse",
        "security.md: a params file too large, nested or oddly tagged",
        _has("unread-params"),
    ),
    # It leaves out a `.dvc` file that Git ignores, and its data is not pulled.
    Purpose("green where DVC is red", _RAW_GONE, _PAGE_OF_IGNORED, _ignores_data),
    Purpose("status: fresh where DVC is red", _RAW_GONE, _PAGE_OF_IGNORED, _ignores_data),
    # A base branch with such a hash was stale before.
    Purpose(
        "green where DVC is red",
        "deleted",
        "freshness.md: `edited-dvc-file`",
        _has("other-hash-of-data"),
    ),
    # What the stage made is still there: only the stage, or to remove that too, clears it.
    Purpose(
        "red after a forced run",
        "is gone, while",
        "rules/freshness-lost.md: keeps its model without it",
        _has("remove-stage"),
    ),
    # How deep DVC reads depends on its stack; of a stage that makes no model it is a warning.
    Purpose(
        _REFUSES,
        "RecursionError",
        "security.md: a params file too large, nested or oddly tagged",
        _has("unread-params"),
    ),
    # `dvc repro` has nothing to run; `--force` has.
    Purpose("red after a run", "hides an edit from DVC", "freshness.md: `dvc repro --force`"),
)


def on_purpose(case: Case, kind: str, text: str) -> str | None:
    """Return the page that says why this differs, `None` if it should not."""
    kind = kind.removeprefix("direct: ")
    found = (each for each in PURPOSES if each.kind == kind and each.text in text)
    return next((each.page for each in found if each.counts(case)), None)
