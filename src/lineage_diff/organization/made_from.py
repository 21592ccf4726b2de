"""The closure within a repository: every version behind a version of a model, with its distance."""

from collections.abc import Iterator, Mapping, Sequence

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
        found: dict[tuple[str, str | None, str | None], VersionBehind] = {}
        seen, runs, distance = {run}, [run], 1
        while runs:
            onward: list[str] = []
            for name in runs:
                inputs = self._used.get(name)
                if inputs is None:
                    return None
                self.steps -= len(inputs)
                for version in _versions(inputs, distance):
                    found.setdefault((version.path, version.hash, version.made_by), version)
                if self.steps < 0 or len(found) > limits.CLOSURE_VERSIONS:
                    return None
                for used in inputs:
                    if used.made_by is not None and used.made_by not in seen:
                        seen.add(used.made_by)
                        onward.append(used.made_by)
            runs, distance = onward, distance + 1
        return tuple(found.values())


def _versions(inputs: Sequence[InputFact], distance: int) -> Iterator[VersionBehind]:
    """Yield the inputs, and the outs that hold them or lie in them."""
    for used in inputs:
        yield VersionBehind(used.path, used.url, used.hash, used.kind, used.made_by, distance)
        if used.out is not None and (used.out, used.out_hash) != (used.path, used.hash):
            # An address has no folder inside the repository.
            url = used.out if used.url is not None else None
            yield VersionBehind(used.out, url, used.out_hash, used.kind, used.made_by, distance)
