"""The closure within a repository: every version behind a version of a model, with its distance."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.catalog.facts import InputFact, UsedKind

UsedByRun = Mapping[str, Sequence[InputFact]]


class VersionBehind(Struct, frozen=True, gc=False):
    """A version behind another one; the fields are those of the table `made_from`."""

    path: str
    url: str | None
    hash: str | None
    kind: UsedKind
    made_by: str | None
    distance: int


_Found = dict[tuple[str, str | None, str | None], VersionBehind]


class Closures:
    """Finds the versions behind runs, within `limits.CLOSURE_STEPS` steps for all together.

    `used` has the inputs of each run by its id, those without inputs included.
    """

    def __init__(self, used: UsedByRun, steps: int = limits.CLOSURE_STEPS) -> None:
        self._used = used
        self.steps = steps

    def behind(self, run: str) -> tuple[VersionBehind, ...] | None:
        """Return every version behind the outs of a run, the nearest first.

        Each version is returned once for each run that made it, with its fewest runs. Returns
        `None`, and nothing cut off, if there are too many or if a run behind it is missing.
        """
        found: _Found = {}
        seen, runs, distance = {run}, [run], 1
        while runs:
            onward: list[str] = []
            for name in runs:
                inputs = self._used.get(name)
                if inputs is None:
                    return None
                self.steps -= len(inputs)
                _add_versions(found, inputs, distance)
                if self.steps < 0 or len(found) > limits.CLOSURE_VERSIONS:
                    return None
                for used in inputs:
                    if used.made_by is not None and used.made_by not in seen:
                        seen.add(used.made_by)
                        onward.append(used.made_by)
            runs, distance = onward, distance + 1
        return tuple(found.values())


def _add_versions(found: _Found, inputs: Sequence[InputFact], distance: int) -> None:
    """Add the inputs, and the outs that hold them or lie in them, except those that are known."""
    for used in inputs:
        path, hash_, made_by = used.path, used.hash, used.made_by
        if (path, hash_, made_by) not in found:
            found[path, hash_, made_by] = VersionBehind(
                path, used.url, hash_, used.kind, made_by, distance
            )
        out, out_hash = used.out, used.out_hash
        if out is None or (out == path and out_hash == hash_):
            continue
        if (out, out_hash, made_by) not in found:
            # An address has no folder inside the repository.
            url = out if used.url is not None else None
            found[out, out_hash, made_by] = VersionBehind(
                out, url, out_hash, used.kind, made_by, distance
            )
