"""The data that a question is about: content by its hash, or a path of a repository."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.version import same_hashes
from lineage_diff.organization.answers.engine import Engine, Found, literal, one_of, overlaps
from lineage_diff.organization.redaction import digest_of
from lineage_diff.text import closest_matches

ALGORITHMS = ("checksum", "etag", "git", "md5", "md5-dos2unix", "version_id")
"""Those of `lineage.version.Hash`: a hash without a name is looked for under each."""

_HASH = re.compile(r"(?:([a-z][a-z0-9_-]*):)?([0-9a-f]{7,64})(\.dir)?", re.IGNORECASE)
_KEY = re.compile(r"(commit:[0-9a-f]{40,64}|[^:]+):(.+)", re.DOTALL)
_HEX = re.compile(r"[0-9a-f]{7,64}")
_WHOLE = (32, 40, 64)
_NAMED = 5


class DataQuestion(Struct, frozen=True):
    """The data: `condition` selects its rows in `made_from` and `edges`, by their columns.

    `out_condition` selects the outs that are this data in `artifacts`. `repository` is
    set for paths, with `any_of` for all versions of them; `hashes` for content by its hash.
    """

    text: str
    condition: str
    out_condition: str
    hashes: tuple[str, ...] = ()
    repository: str | None = None
    any_of: tuple[str, ...] = ()


def data_question(engine: Engine, text: str, repositories: Sequence[str]) -> DataQuestion:
    """Return the data that a person named: `HASH` or `REPO:PATH[@REV]`.

    Raises `InputError` if the tables do not know it.
    """
    match = _HASH.fullmatch(text)
    if match is not None and match[1] in (None, *ALGORITHMS):
        return _by_hash(engine, text, match)
    parts = _KEY.fullmatch(text)
    if parts is None:
        raise InputError(
            f"{text!r} is neither a hash nor a path of a repository",
            hint="Name a hash by 7 of its digits or more, or REPO:PATH as in "
            "github.com/team/data:raw/customers.csv.",
        )
    return _by_path(engine, text, repository_named(engine, parts[1], repositories), parts[2])


def repository_named(engine: Engine, text: str, repositories: Sequence[str]) -> str:
    """Return the repository with this id, or whose id ends with this path; else an import's source.

    Raises `InputError` for none or several.
    """
    found = _named(text, repositories)
    if not found:
        sources = engine.rows(
            "SELECT DISTINCT source_repository FROM sources WHERE source_repository IS NOT NULL"
        )
        found = _named(text, [str(row["source_repository"]) for row in sources])
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(found[:_NAMED])
        raise InputError(f"{len(found)} repositories are named {text}", hint=f"Name one: {names}.")
    near = closest_matches(text, repositories)
    raise InputError(
        f"the tables have no repository {text}",
        hint=f"Did you mean {near[0]}?"
        if near
        else '`lineage-diff org sql "SELECT repository FROM repositories"` lists them.',
    )


def _named(text: str, repositories: Iterable[str]) -> list[str]:
    known = sorted(set(repositories))
    if text in known:
        return [text]
    return [name for name in known if name.endswith(f"/{text}")]


def _by_hash(engine: Engine, text: str, match: re.Match[str]) -> DataQuestion:
    names = ALGORITHMS if match[1] is None else (match[1].lower(),)
    digits, suffix = match[2].lower(), match[3] or ""
    if suffix or len(digits) in _WHOLE:
        endings = (suffix,) if suffix else ("", ".dir")
        hashes = tuple(f"{name}:{digits}{end}" for name in names for end in endings)
    else:
        hashes = _with_digits(engine, text, tuple(f"{name}:{digits}" for name in names))
    return of_hashes(text, hashes)


def of_hashes(text: str, hashes: Sequence[str]) -> DataQuestion:
    """Return the question about content with one of some hashes."""
    same = sorted({each for one in hashes for each in same_hashes(one)})
    condition = one_of("hash", same)
    return DataQuestion(text, condition, condition, tuple(same))


def _with_digits(engine: Engine, text: str, starts: Sequence[str]) -> tuple[str, ...]:
    """Return the hashes that begin so. A range lets an engine leave out most of the rows."""
    ranges = " OR ".join(f"(hash >= {literal(at)} AND hash < {literal(at + 'g')})" for at in starts)
    found = {
        str(row["hash"])
        for table in ("edges", "artifacts")
        for row in engine.rows(f"SELECT DISTINCT hash FROM {table} WHERE {ranges}")
    }
    values = sorted({name.partition(":")[2].removesuffix(".dir") for name in found})
    if len(values) > 1:
        raise InputError(
            f"{text} matches {len(values)} hashes",
            hint=f"Write more digits: {', '.join(values[:_NAMED])}.",
        )
    if not found:
        raise unknown_hash(text)
    return tuple(sorted(found))


def unknown_hash(text: str) -> InputError:
    """Error for a hash that no run used or made."""
    return InputError(
        f"no run of an indexed repository used or made {text}",
        hint="Check the hash, or name a path: REPO:PATH.",
    )


def unknown_path(question: DataQuestion) -> InputError:
    """Return the error about a path that no run used or made and no repository imports."""
    return InputError(
        f"no run of an indexed repository used, made or imported {question.text}",
        hint="Check the path: it is that from the root of the repository.",
    )


def _by_path(engine: Engine, text: str, repository: str, name: str) -> DataQuestion:
    path = _clean(name)
    if "@" not in name or _knows(engine, repository, path):
        return any_version(repository, (path,), text)
    before, _, rev = name.rpartition("@")
    path = _clean(before)
    runs = _runs_at(engine, repository, path, rev)
    here = _around(repository, (path,))
    return DataQuestion(
        text,
        f"{here} AND {one_of('made_by', runs)}",
        f"{here} AND {one_of('run', runs)}",
        repository=repository,
    )


def any_version(repository: str, paths: Sequence[str], text: str = "") -> DataQuestion:
    """Return the question about every version of some paths of a repository."""
    here = _around(repository, paths)
    return DataQuestion(text, here, here, repository=repository, any_of=tuple(paths))


def _around(repository: str, paths: Sequence[str]) -> str:
    """Return the condition for rows at some paths, in them, and around them, redacted or not."""
    around = " OR ".join(overlaps("path", path) for path in paths)
    redacted = {digest_of(repository, part) for path in paths for part in (path, *ancestors(path))}
    return (
        f"repository = {literal(repository)} AND ({around} OR {one_of('path', sorted(redacted))})"
    )


def _clean(path: str) -> str:
    return path.removeprefix("./").rstrip("/")


def _knows(engine: Engine, repository: str, path: str) -> bool:
    return any(
        True
        for table in ("artifacts", "edges")
        for _ in engine.rows(
            f"SELECT path FROM {table} "
            f"WHERE repository = {literal(repository)} AND path = {literal(path)} LIMIT 1"
        )
    )


def _runs_at(engine: Engine, repository: str, path: str, rev: str) -> tuple[str, ...]:
    """Return the runs that made the outs at a path, as they were at a revision."""
    last = ordinal_of(engine, repository, rev)
    rows = engine.rows(
        "SELECT path, run, ordinal FROM artifacts "
        f"WHERE {_around(repository, (path,))} AND ordinal <= {last}"
    )
    runs = {str(row["run"]) for row in last_of_each(rows).values()}
    if not runs:
        raise InputError(
            f"no run of {repository} made {path} at {rev} or before",
            hint="Name the content by its hash, or leave out the revision.",
        )
    return tuple(sorted(runs))


def last_of_each(rows: Iterable[Found]) -> Mapping[str, Found]:
    """Return the last version of each path."""
    found: dict[str, Found] = {}
    for row in rows:
        before = found.get(row["path"])
        if before is None or row["ordinal"] >= before["ordinal"]:
            found[row["path"]] = row
    return found


def ordinal_of(engine: Engine, repository: str, rev: str) -> int:
    """Return the place of a revision among the commits that recorded a run.

    A revision is a commit that did, a registered version, a tag of the registry, or a date.
    Raises `InputError` for any other.
    """
    here = f"repository = {literal(repository)}"
    tagged = [
        str(row["commit"])
        for row in engine.rows(
            f"SELECT commit FROM registry WHERE {here} AND "
            f"(tag = {literal(rev)} OR version = {literal(rev)}) ORDER BY commit"
        )
    ]
    last = _last_ordinal(engine, here, rev, tagged)
    if last is not None:
        return last
    if day_of(rev) is not None and not _HEX.fullmatch(rev):
        raise InputError(
            f"{repository} recorded no run until {rev}",
            hint="Name a later date, or the content by its hash.",
        )
    raise InputError(
        f"no commit or version {rev} of {repository} recorded a run",
        hint="Name a commit that did, a registered version, a date, or the content by its hash.",
    )


def _last_ordinal(engine: Engine, here: str, rev: str, tagged: list[str]) -> int | None:
    day = day_of(rev)
    found: list[int] = []
    # Dates are compared here: engines differ in zones.
    for row in engine.rows(
        f"SELECT commit, ordinal, date FROM commits WHERE {here} AND ordinal IS NOT NULL"
    ):
        commit, date = str(row["commit"]), row["date"]
        is_named = commit in tagged or (_HEX.fullmatch(rev) and commit.startswith(rev))
        is_dated = not tagged and day is not None and date is not None and in_utc(date) <= day
        if is_named or is_dated:
            found.append(int(row["ordinal"]))
    return max(found, default=None)


def in_utc(date: datetime) -> datetime:
    """Return an aware time. An engine may leave out the zone of a stored time, which is UTC."""
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def day_of(text: str) -> datetime | None:
    """Return the last moment of a date, or a time in ISO 8601; `None` for neither. In UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2026-01-31"):
        found = datetime.combine(found.date(), time.max)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
