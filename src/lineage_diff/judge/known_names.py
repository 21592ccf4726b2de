"""Whether a glob of the configuration can match anything of two commits."""

from collections.abc import Callable, Iterator

from lineage_diff.compare.globs import matcher
from lineage_diff.lineage.lineage import Lineage


def can_match(*sides: Lineage) -> Callable[[str], bool]:
    """Return a test whether a glob matches a file, path or stage that a finding could be about.

    What stands behind a name and `:` is a detail of it (a key, a dep), and is not looked at.
    """
    names = sorted({name for side in sides for name in _names(side)})

    def matches(glob: str) -> bool:
        parts = glob.split(":")
        globs = (":".join(parts[:count]) for count in range(1, len(parts) + 1))
        tests = [matcher((start,)) for start in globs]
        return any(test(name) for test in tests for name in names)

    return matches


def _names(lineage: Lineage) -> Iterator[str]:
    for pipeline in lineage.pipelines:
        yield pipeline.file
        if pipeline.lock_file is not None:
            yield pipeline.lock_file
    for stage in lineage.stages:
        yield stage.id
        yield stage.file
        yield from (dep.path for dep in stage.deps)
        yield from (out.path for out in stage.outs)
        yield from (param.path for param in stage.params)
    yield from (problem.file for problem in lineage.problems)
    yield from lineage.unreadable
    yield from lineage.metrics
    yield from lineage.params
    yield from lineage.configuration
