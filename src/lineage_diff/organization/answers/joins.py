"""Join the repositories: which versions elsewhere are the affected outs of some repositories.

By `dvc import` (repository, path, and the hash or the imported revision), by the same address with
the same version, and by the same content. An import that may be affected and cannot be decided is
unknown, with its reason.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.lineage.version import same_hashes
from lineage_diff.organization.answers.engine import (
    Engine,
    Found,
    in_parts,
    literal,
    one_of,
    overlaps,
)
from lineage_diff.organization.answers.subject import last_of_each
from lineage_diff.organization.redaction import is_digest
from lineage_diff.organization.views import content_key
from lineage_diff.report.organization.answers import JoinKind, OrganizationUnknown, RepositoryJoin

TINY_BYTES = 256
"""Equal content of fewer bytes may be chance, such as an empty file or a flag."""


# Hashes that a condition names; with more, all rows are read.
_FEW = 1_000


class AffectedOuts(Struct, frozen=True):
    """The affected outs of one repository: rows of `artifacts`.

    `hops` joins are before them; `certain`: all of these are exact. All versions of the paths
    `any_of` are affected.
    """

    repository: str
    rows: Sequence[Found]
    hops: int = 0
    certain: bool = True
    any_of: tuple[str, ...] = ()


class Joined(Struct, frozen=True):
    """A join, and the run that made the joined version, `None` for a dep that no known run made.

    `certain`: it and all joins before are exact.
    """

    join: RepositoryJoin
    run: str | None
    certain: bool


class FoundJoins(Struct, frozen=True):
    """The joins of some affected outs, and the imports that could not be decided."""

    joined: tuple[Joined, ...]
    unknowns: tuple[OrganizationUnknown, ...]


class SourceHistory:
    """The versions of paths, and the commits, of the repositories that others import from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._versions: dict[tuple[str, str], Sequence[Found]] = {}
        self._ordinals: dict[str, Mapping[str, int]] = {}

    def versions(self, repository: str, path: str) -> Sequence[Found]:
        """Return the versions of the outs at a path, in it, and around it."""
        key = repository, path
        if key not in self._versions:
            around = overlaps("path", path) if path else "TRUE"
            self._versions[key] = tuple(
                self._engine.rows(
                    "SELECT path, hash, run, ordinal FROM artifacts "
                    f"WHERE repository = {literal(repository)} AND {around}"
                )
            )
        return self._versions[key]

    def ordinal(self, repository: str, commit: str | None) -> int | None:
        """Return the place of a commit among those that recorded a run; `None` if it did not."""
        if repository not in self._ordinals:
            rows = self._engine.rows(
                "SELECT commit, ordinal FROM commits "
                f"WHERE repository = {literal(repository)} AND ordinal IS NOT NULL"
            )
            self._ordinals[repository] = {row["commit"]: int(row["ordinal"]) for row in rows}
        return self._ordinals[repository].get(commit or "")


def exact_joins(engine: Engine, history: SourceHistory, outs: Sequence[AffectedOuts]) -> FoundJoins:
    """Return the imports of these outs, and the same versions of the same addresses."""
    joined: list[Joined] = []
    unknowns: list[OrganizationUnknown] = []
    imports = _imports_of(engine, outs)
    for item in outs:
        near = _Near(item, history)
        for found in imports.get(item.repository, ()):
            answer = near.decide(found)
            if isinstance(answer, OrganizationUnknown):
                unknowns.append(answer)
            elif answer is not None:
                joined.append(Joined(answer, str(found["run"]), item.certain))
    joined += _by_address(engine, outs)
    return FoundJoins(tuple(joined), tuple(unknowns))


def _imports_of(engine: Engine, outs: Sequence[AffectedOuts]) -> Mapping[str, list[Found]]:
    """Return the imports of each repository, with those that name it by an earlier address.

    `known` is the hash if the source repository has it at the path. An import of another known
    version is left out, where the affected ones are few enough to name.
    """
    repositories = sorted({item.repository for item in outs})
    recorded = {str(row["hash"]) for item in outs for row in item.rows if row["hash"]}
    hashes = sorted({same for each in recorded for same in same_hashes(each)})
    is_any = any(item.any_of for item in outs)
    few = hashes and len(hashes) <= _FEW and not is_any
    wanted = f"AND (k.hash IS NULL OR {one_of('k.hash', hashes)})" if few else ""
    sources = [
        row
        for part in in_parts(repositories)
        for row in engine.rows(
            "SELECT DISTINCT s.repository, s.run, s.source_repository, s.path AS source_path, "
            "s.rev_lock, a.path, a.hash, k.hash AS known FROM sources s "
            "JOIN artifacts a ON s.repository = a.repository AND s.run = a.run "
            "LEFT JOIN artifacts k ON k.repository = s.source_repository AND k.path = s.path "
            f"AND {content_key('k.hash')} = {content_key('a.hash')} "
            f"WHERE s.kind = 'repo' {wanted} AND "
            f"({one_of('s.source_repository', part)} OR s.source_repository NOT IN "
            "(SELECT repository FROM repositories))"
        )
    ]
    found: dict[str, list[Found]] = {}
    renamed = _renamed(engine, sources, frozenset(repositories))
    for row in sources:
        if row["source_repository"] in repositories:
            found.setdefault(row["source_repository"], []).append(row)
        else:
            for name in renamed.get(str(row["rev_lock"]), ()):
                found.setdefault(name, []).append(row)
    return found


def _renamed(
    engine: Engine, sources: Iterable[Found], repositories: frozenset[str]
) -> Mapping[str, frozenset[str]]:
    """Return the repositories that have an imported commit whose own is not indexed."""
    commits = {
        str(row["rev_lock"])
        for row in sources
        if row["source_repository"] not in repositories and row["rev_lock"] is not None
    }
    found: dict[str, frozenset[str]] = {}
    for part in in_parts(commits):
        for row in engine.rows(
            f"SELECT repository, commit FROM commits WHERE {one_of('commit', part)}"
        ):
            if row["repository"] in repositories:
                name = frozenset((str(row["repository"]),))
                found[row["commit"]] = found.get(row["commit"], frozenset()) | name
    return found


def _outs_by_run(engine: Engine, sources: Sequence[Found]) -> Mapping[tuple[str, str], list[Found]]:
    found: dict[tuple[str, str], list[Found]] = {}
    repositories = sorted({str(row["repository"]) for row in sources})
    for part in in_parts(str(row["run"]) for row in sources):
        for row in engine.rows(
            "SELECT repository, run, path, hash, size, stage FROM artifacts "
            f"WHERE {one_of('repository', repositories)} AND {one_of('run', part)}"
        ):
            found.setdefault((row["repository"], row["run"]), []).append(row)
    return found


class _Near:
    """Decides the imports of one repository; what it needs of each path is looked up once."""

    def __init__(self, outs: AffectedOuts, history: SourceHistory) -> None:
        self._outs = outs
        self._history = history
        self._near: dict[str, Sequence[Found]] = {}
        self._redacted = [row for row in outs.rows if is_digest(str(row["path"]))]

    def decide(self, found: Found) -> RepositoryJoin | OrganizationUnknown | None:
        """Return the join of an import, that it is unknown, or `None` if it is not affected."""
        outs, path = self._outs, str(found["source_path"] or "")
        if is_digest(path):
            return self._by_content(found, outs.rows)
        if any(is_around(one, path) for one in outs.any_of):
            return _join("any-version", outs.repository, found, outs.hops + 1)
        if path not in self._near:
            self._near[path] = [row for row in outs.rows if is_around(str(row["path"]), path)]
        near = self._near[path]
        if not near:
            # The path may be one of those that the source redacts.
            may_be_one = self._redacted and found["known"] is None
            return self._by_content(found, self._redacted) if may_be_one else None
        is_renamed = found["source_repository"] != outs.repository
        if any(_is_version(row, path, found["hash"]) for row in near):
            kind: JoinKind = "renamed" if is_renamed else "import"
            return _join(kind, outs.repository, found, outs.hops + 1)
        # Another version of the same path is not affected.
        return None if found["known"] is not None else self._by_revision(found, near)

    def _by_content(
        self, found: Found, rows: Iterable[Found]
    ) -> RepositoryJoin | OrganizationUnknown | None:
        """Decide an import whose path is redacted on one side, so that it is that of no row."""
        source, known = self._outs.repository, same_hashes(str(found["hash"] or ""))
        if any(row["hash"] in known for row in rows):
            return _join("import", source, found, self._outs.hops + 1)
        if any(row["hash"] in known for row in self._history.versions(source, "")):
            return None
        reason = redacted_reason(source, str(found["source_path"] or ""))
        return OrganizationUnknown(str(found["repository"]), str(found["path"]), reason)

    def _by_revision(
        self, found: Found, near: Sequence[Found]
    ) -> RepositoryJoin | OrganizationUnknown | None:
        outs, path = self._outs, str(found["source_path"] or "")
        rows = self._history.versions(outs.repository, path)
        if any(_is_version(row, path, found["hash"]) for row in rows):
            return None
        ordinal = self._history.ordinal(outs.repository, found["rev_lock"])
        if ordinal is None:
            return _undecided(outs.repository, found, path)
        affected = {(row["path"], row["run"]) for row in near}
        then = last_of_each(row for row in rows if row["ordinal"] <= ordinal)
        if not affected & {(row["path"], row["run"]) for row in then.values()}:
            return None
        is_renamed = found["source_repository"] != outs.repository
        kind: JoinKind = "renamed" if is_renamed else "revision"
        return _join(kind, outs.repository, found, outs.hops + 1)


def redacted_reason(source: str, path: str) -> str:
    """Return why an import is not joined whose path one of the two repositories redacts."""
    if is_digest(path):
        return f"it imports from `{source}`, and the path there is redacted"
    return f"it imports `{path}` from `{source}`, where paths are redacted"


def _undecided(source: str, found: Found, path: str) -> OrganizationUnknown:
    rev = str(found["rev_lock"] or "?")[:10]
    return OrganizationUnknown(
        str(found["repository"]),
        str(found["path"]),
        f"it imports `{path}` of `{source}` at `{rev}`, and no indexed commit of that id recorded "
        "a run: it may be of a rewritten history",
    )


def _is_version(row: Found, path: str, hash_: str | None) -> bool:
    """Return whether a row is this content at this path; content without a hash is none."""
    return row["path"] == path and hash_ is not None and hash_ in same_hashes(str(row["hash"]))


def is_around(one: str, other: str) -> bool:
    """Whether two paths are the same, or one lies in the other. An empty one is the root."""
    return (
        one == other
        or not one
        or not other
        or one.startswith(f"{other}/")
        or other.startswith(f"{one}/")
    )


def _join(kind: JoinKind, source: str, found: Found, hops: int) -> RepositoryJoin:
    return RepositoryJoin(
        kind,
        str(found["repository"]),
        str(found["path"]),
        found["hash"],
        source,
        str(found["source_path"] or ""),
        found["rev_lock"],
        True,
        hops,
    )


def _by_address(engine: Engine, outs: Sequence[AffectedOuts]) -> Iterator[Joined]:
    """Yield the imports elsewhere of the same address with the same version."""
    affected = {
        (item.repository, str(row["run"])): (item, row) for item in outs for row in item.rows
    }
    rows = list(
        engine.rows(
            "SELECT repository, run, source, hash FROM sources "
            "WHERE kind = 'url' AND hash IS NOT NULL"
        )
    )
    origin: dict[tuple[str, str], tuple[AffectedOuts, Found]] = {
        (str(row["url"]), _value(row["hash"])): (item, row)
        for item in outs
        for row in item.rows
        if row["url"] is not None and row["hash"] is not None
    }
    for row in rows:
        known = affected.get((row["repository"], row["run"]))
        if known is not None:
            origin[row["source"], _value(row["hash"])] = known
    others = [
        row
        for row in rows
        if (row["repository"], row["run"]) not in affected
        and (row["source"], _value(row["hash"])) in origin
    ]
    outs_by_run = _outs_by_run(engine, others)
    for row in others:
        item, out = origin[row["source"], _value(row["hash"])]
        for own in outs_by_run.get((row["repository"], row["run"]), ()):
            found = {**row, **own, "source_path": out["path"], "rev_lock": None}
            join = _join("address", item.repository, found, item.hops + 1)
            yield Joined(join, str(row["run"]), item.certain)


def _value(text: str) -> str:
    """Return the value of a hash: an ETag has a name in `artifacts` and none in `sources`."""
    return text.partition(":")[2] or text


def content_joins(engine: Engine, outs: Sequence[AffectedOuts]) -> Iterator[Joined]:
    """Yield the outs and deps of other repositories with the same content; no join is certain."""
    here: dict[str, tuple[AffectedOuts, Found]] = {}
    for item in sorted(outs, key=lambda item: (item.hops, item.repository)):
        for row in item.rows:
            if row["hash"] is not None and not is_tiny(row):
                for same in same_hashes(str(row["hash"])):
                    here.setdefault(same, (item, row))
    own = {(item.repository, str(row["run"])) for item in outs for row in item.rows}
    for part in in_parts(here):
        for row in engine.rows(
            f"SELECT repository, path, hash, size, run FROM artifacts WHERE {one_of('hash', part)}"
        ):
            if (row["repository"], row["run"]) not in own:
                yield from _same_content(row, *here[row["hash"]], str(row["run"]))
        for row in engine.rows(
            "SELECT DISTINCT repository, path, hash FROM edges "
            f"WHERE {one_of('hash', part)} AND made_by IS NULL"
        ):
            yield from _same_content(row, *here[row["hash"]], None)


def _same_content(
    row: Found, source: AffectedOuts, out: Found, run: str | None
) -> Iterator[Joined]:
    """Yield a join by the same bytes, whose origin is not recorded."""
    if row["repository"] != source.repository:
        found = {**row, "source_path": out["path"], "rev_lock": None}
        join = _join("content", source.repository, found, source.hops + 1)
        yield Joined(replace(join, certain=False), run, False)


def is_tiny(row: Found) -> bool:
    """Whether equal content may be chance: empty, of few bytes, or of unknown size."""
    return row["size"] is None or int(row["size"]) < TINY_BYTES
