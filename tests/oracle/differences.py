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
        "DVC gives no answer: it ends at a file that it cannot read, or prints `{}` and a "
        "warning on standard error. lineage-diff reads the other files, and says which one is "
        "unreadable.",
        _no_answer,
    ),
    Rule(
        "rehashed",
        "The content is the same, and the two commits record its hash in different schemes (DVC "
        "2, then DVC 3). DVC reports nothing if the two hashes are equal, and *modified* if "
        "they are not. lineage-diff reports *rehashed*, and no model counts as changed.",
        _rehashed,
    ),
    Rule(
        "cached-values",
        "A metrics or params file is in DVC's cache. DVC shows its values on a machine that has "
        "the cache. lineage-diff reads Git alone, and reports the values as unknown. If metrics "
        "are [fetched](fetching.md), params are fetched too, and the values are those of DVC.",
        _cached,
    ),
    Rule(
        "kept-elsewhere",
        "The `cache` flag of an out changed: Git keeps the file in one commit, DVC in the "
        "other. `dvc diff` looks only at what DVC keeps, and reports *added* or *deleted*. "
        "lineage-diff compares the content of the path in both commits, in Git or in DVC.",
        _kept_elsewhere,
    ),
    Rule(
        "unreadable-values",
        "DVC cannot read the file in one commit, warns on standard error, and shows every key "
        "as added or removed. lineage-diff reports the values as unknown, with the reason. Two "
        "kinds of files only DVC cannot read, and lineage-diff shows their values: a symbolic "
        "link, and a key written both as `a.b:` and as `a: {b:}`.",
        _unreadable,
    ),
    Rule(
        "no-version",
        "No lock or `.dvc` file records a version of an out, because its stage never ran or its "
        "data was not downloaded. `dvc diff` leaves it out. lineage-diff lists it without a "
        "hash.",
        _no_version,
    ),
    Rule(
        "no-project",
        "One of the commits has no DVC project: it is older than `dvc init`, or DVC was "
        "removed. DVC uses the project of the work tree, and shows the `params.yaml` of that "
        "commit. lineage-diff finds no project there, and no params.",
        _no_project,
    ),
)
