"""Every known difference from DVC, by name, with its reason; the documentation lists the same."""

from collections.abc import Callable
from dataclasses import dataclass

from lineage_diff.lineage.values import ValuesFile
from tests.oracle.answers import Difference, Pair


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of difference that is meant. `reason` stands in docs/differences-from-dvc.md."""

    name: str
    reason: str
    explains: Callable[[Difference, Pair], bool]


def explain(difference: Difference, pair: Pair) -> str | None:
    """Return the name of the first rule that explains a difference, `None` when none does."""
    return next((rule.name for rule in RULES if rule.explains(difference, pair)), None)


def _no_answer(difference: Difference, pair: Pair) -> bool:
    if isinstance(difference.dvc, dict) and "error" in difference.dvc:
        return True
    # With an out's own remote that no configuration names, DVC leaves `{}` and says nothing.
    is_empty = difference.part in ("metrics", "params") and not pair.dvc[difference.part]["diff"]
    sides = (pair.base, pair.head)
    return is_empty and any(out.remote for side in sides for s in side.stages for out in s.outs)


def _rehashed(difference: Difference, _: Pair) -> bool:
    if difference.part != "data" or not difference.ours:
        return False
    return bool(difference.ours[0] == "rehashed") and (
        difference.dvc is None or difference.dvc[0] == "modified"
    )


def _kept_elsewhere(difference: Difference, pair: Pair) -> bool:
    if difference.part != "data":
        return False
    paths = {difference.subject}
    for found in (difference.ours, difference.dvc):
        if found and found[3]:
            paths.add(found[3])
    kept = {
        out.cache
        for lineage in (pair.base, pair.head)
        for stage in lineage.stages
        for out in stage.outs
        if pair.local(out.path) in paths
    }
    return kept == {True, False}


def _files(difference: Difference, pair: Pair) -> list[ValuesFile]:
    found = []
    for lineage in (pair.base, pair.head):
        for path, file in (*lineage.metrics.items(), *lineage.params.items()):
            local = pair.local(path)
            if local is not None and difference.subject.startswith((local + ":", local + "/")):
                found.append(file)
    return found


def _cached(difference: Difference, pair: Pair) -> bool:
    return difference.part in ("metrics", "params") and any(
        file.cached for file in _files(difference, pair)
    )


def _unreadable(difference: Difference, pair: Pair) -> bool:
    if difference.part not in ("metrics", "params"):
        return False
    return any(
        difference.subject.startswith(f"{file}:") and not text.startswith("FileNotFoundError")
        for file, text in pair.dvc[difference.part].get("errors", {}).items()
    )


def _no_version(difference: Difference, _: Pair) -> bool:
    return (
        difference.part == "data"
        and difference.dvc is None
        and difference.ours is not None
        and difference.ours[1:3] == [None, None]
    )


def _no_project(difference: Difference, pair: Pair) -> bool:
    return difference.part == "params" and any(
        not (lineage.pipelines or lineage.stages or lineage.params)
        for lineage in (pair.base, pair.head)
    )


RULES = (
    Rule(
        "no-answer",
        "DVC gives no answer: one file that it cannot read ends its command, or leaves `{}` and a "
        "warning on standard error. lineage-diff reads the rest and says what is unreadable.",
        _no_answer,
    ),
    Rule(
        "rehashed",
        "The content is the same, and its hash is written in another scheme (DVC 2 to DVC 3). "
        "DVC says nothing where the two hashes are equal, and modified where they are not; "
        "lineage-diff says rehashed, and calls no model changed for it.",
        _rehashed,
    ),
    Rule(
        "cached-values",
        "The file of metrics or params is kept in DVC's cache. DVC shows its values on a machine "
        "that has the cache; lineage-diff reads Git alone, and calls them unknown unless it is "
        "asked to fetch metrics (docs/fetching.md), which brings the params too: then they are "
        "DVC's.",
        _cached,
    ),
    Rule(
        "kept-elsewhere",
        "An out's `cache` flag changed: Git keeps it on one side, DVC on the other. `dvc diff` "
        "counts what DVC keeps, and says added or removed; lineage-diff compares the content of "
        "the path on both sides, in Git or in DVC.",
        _kept_elsewhere,
    ),
    Rule(
        "unreadable-values",
        "DVC cannot read the file on one side, warns on standard error, and shows every key as "
        "added or removed; lineage-diff calls the values unknown, and says why; where only DVC "
        "cannot (a symbolic link, which it does not follow at a revision; a key written both "
        "`a.b:` and `a: {b:}`), it shows them.",
        _unreadable,
    ),
    Rule(
        "no-version",
        "No lock and no `.dvc` file records a version of an out, since its stage never ran or its "
        "data was not downloaded. `dvc diff` leaves it out; lineage-diff lists it without a hash.",
        _no_version,
    ),
    Rule(
        "no-project",
        "One of the commits comes before `dvc init`, or after DVC was given up. DVC takes the "
        "project of the work tree and shows the `params.yaml` of that commit; lineage-diff sees "
        "no project there, and no params.",
        _no_project,
    ),
)
