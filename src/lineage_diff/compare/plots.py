"""Files that plots draw from, where their versions differ."""

from collections.abc import Mapping

from lineage_diff.compare.change import PlotChange
from lineage_diff.compare.made import Made
from lineage_diff.compare.side import Side
from lineage_diff.compare.versions import same_version, side
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.version import Hash, Version


def plot_changes(
    base: Lineage, head: Lineage, old: Mapping[str, Made], new: Mapping[str, Made]
) -> tuple[PlotChange, ...]:
    """List the plots outs and sources that are new, gone or of another version, by path."""
    before, after = _plots(base, old), _plots(head, new)
    found = []
    for path in sorted(before.keys() | after.keys()):
        was, now = before.get(path), after.get(path)
        if path in before and path in after and same_version(was, now):
            continue
        found.append(PlotChange(path, _side(path, before), _side(path, after)))
    return tuple(found)


def _side(path: str, versions: Mapping[str, Version | None]) -> Side | None:
    return side(versions[path]) if path in versions else None


def _plots(lineage: Lineage, outs: Mapping[str, Made]) -> dict[str, Version | None]:
    found = {path: made.version for path, made in outs.items() if made.out.kind == "plots"}
    for plot in lineage.plots:
        if plot.path in outs:
            found[plot.path] = outs[plot.path].version
        elif plot.oid is not None:
            found[plot.path] = Version(Hash("git", plot.oid))
    return found
