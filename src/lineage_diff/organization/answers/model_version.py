"""The version of a model that a question names, by a version, stage, commit, hash or path."""

import re
from collections.abc import Iterator, Sequence

from lineage_diff.errors import InputError
from lineage_diff.organization.answers.engine import Engine, Found, literal
from lineage_diff.organization.answers.subject import last_of_each, repository_named
from lineage_diff.text import closest_matches

VERSION_COLUMNS = "repository, path, hash, size, run, commit, ordinal, stage, kind"
"""The columns of `artifacts` that answers read of a version."""

_MODEL = re.compile(r"(?:(commit:[0-9a-f]{40,64}|[^:@#]+):)?([^@#]+)(?:([@#])(.+))?")
_NAMED = 5
# Of a commit or hash, as Git asks for.
_DIGITS = 7


def model_version(
    engine: Engine, text: str, repositories: Sequence[str]
) -> tuple[str | None, Found]:
    """Return the name of the model, and the row of `artifacts` of its version.

    Raises `InputError` for none or several models of that name.
    """
    match = _MODEL.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} names no model", hint="Write it as churn@v1.2.0.")
    repository = repository_named(engine, match[1], repositories) if match[1] else None
    name, sign, wanted = match[2], match[3], match[4]
    here = f"repository = {literal(repository)} AND " if repository else ""
    found: list[tuple[str | None, Found]] = []
    if sign:
        found = list(_registered(engine, here, name, sign, wanted))
    # Only a registry knows stages.
    if not found and sign != "#":
        found = list(_by_name(engine, here, name, wanted))
    if not found:
        raise _no_model(engine, here, text, name)
    owners = sorted({f"{row['repository']}:{row['path']}" for _, row in found})
    if len(owners) > 1:
        raise InputError(
            f"{len(owners)} models are named {text}",
            hint=f"Name the repository, too: {', '.join(owners[:_NAMED])}.",
        )
    return max(found, key=lambda item: int(item[1]["ordinal"]))


def _registered(
    engine: Engine, here: str, name: str, sign: str, wanted: str
) -> Iterator[tuple[str | None, Found]]:
    """Yield the versions that a registry has under a name, as rows of `artifacts`."""
    rows = engine.rows(
        "SELECT repository, artifact, version, stages, path, hash FROM registry "
        f"WHERE {here}artifact = {literal(name)} AND path IS NOT NULL AND hash IS NOT NULL"
    )
    for row in rows:
        is_wanted = row["version"] == wanted if sign == "@" else wanted in (row["stages"] or ())
        if is_wanted:
            for out in _outs_with(engine, row["repository"], row["path"], row["hash"]):
                yield name, out


def _outs_with(engine: Engine, repository: str, path: str, hash_: str) -> Iterator[Found]:
    yield from engine.rows(
        f"SELECT {VERSION_COLUMNS} FROM artifacts WHERE repository = {literal(repository)} "
        f"AND path = {literal(path)} AND hash = {literal(hash_)}"
    )


def _by_name(
    engine: Engine, here: str, name: str, wanted: str | None
) -> Iterator[tuple[str | None, Found]]:
    """Yield the last versions of the models with a path or name, or those of a commit or hash."""
    models = engine.rows(
        "SELECT repository, path, out, name FROM models "
        f"WHERE {here}(path = {literal(name)} OR name = {literal(name)})"
    )
    places = [(row["repository"], row["out"] or row["path"], row["name"]) for row in models]
    if not places:
        past = engine.rows(
            f"SELECT DISTINCT repository, path FROM artifacts WHERE {here}path = {literal(name)} "
            "AND traced IS NOT NULL"
        )
        places = [(row["repository"], row["path"], None) for row in past]
    for repository, path, known in places:
        rows = [
            row
            for row in engine.rows(
                f"SELECT {VERSION_COLUMNS} FROM artifacts WHERE repository = {literal(repository)} "
                f"AND path = {literal(path)}"
            )
            if wanted is None or _is_wanted(row, wanted)
        ]
        for row in last_of_each(rows).values():
            yield known, row


def _is_wanted(row: Found, wanted: str) -> bool:
    value = str(row["hash"] or "").partition(":")[2]
    return len(wanted) >= _DIGITS and (
        str(row["commit"]).startswith(wanted) or value.startswith(wanted) or row["hash"] == wanted
    )


def _no_model(engine: Engine, here: str, text: str, name: str) -> InputError:
    rows = list(engine.rows("SELECT DISTINCT repository, path, name, run FROM models"))
    known = sorted(
        {str(row["path"]) for row in rows} | {row["name"] for row in rows if row["name"]}
    )
    named = list(
        engine.rows(
            "SELECT DISTINCT repository, path, run FROM models "
            f"WHERE {here}(path = {literal(name)} OR name = {literal(name)}) ORDER BY 1, 2"
        )
    )
    if named and all(row["run"] is None for row in named):
        return InputError(
            f"no recorded run made {named[0]['path']} of {named[0]['repository']}",
            hint="So the tables have no version of it, as of a model that Git alone tracks.",
        )
    near = closest_matches(name, known)
    hint = f"Did you mean {near[0]}?" if near else "`lineage-diff org models` lists them."
    if name in known:
        hint = _versions_of(engine, here, name)
    return InputError(f"no repository has a model or version {text}", hint=hint)


def _versions_of(engine: Engine, here: str, name: str) -> str:
    rows = engine.rows(
        "SELECT DISTINCT version, ordinal FROM registry "
        f"WHERE {here}artifact = {literal(name)} ORDER BY ordinal DESC LIMIT {_NAMED}"
    )
    names = ", ".join(str(row["version"]) for row in rows)
    also = f"a registered version ({names}), " if names else ""
    return f"Name {also}a commit that recorded a run of it, or a hash; or leave it out."
