"""Keep names out of the tables: replace the paths that a repository's configuration redacts."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from msgspec import structs

from lineage_diff.catalog.facts import (
    CommitFact,
    Fact,
    ImportFact,
    MetricFact,
    ParamFact,
    RunFact,
    StageFact,
    UnknownFact,
)
from lineage_diff.lineage.paths import matcher

REDACTED = "redacted"
_DIGITS = 24
_DIGEST = re.compile(f"{REDACTED}-[0-9a-f]{{{_DIGITS}}}")
DIGEST_PATTERN = f"{REDACTED}-{'_' * _DIGITS}"
"""What a digest matches with SQL's `LIKE`: engines differ in their regular expressions."""
_PATHS = frozenset(("path", "out", "file", "url", "dep", "wdir", "source"))
# Ids of stages begin with a path; the subject of a reason may be `file:key`.
_IDS = frozenset(("stage", "upstream", "downstream", "subject", "address"))
_LISTS = frozenset(("metrics", "models"))
# Texts that may contain any name.
_TEXTS = frozenset(("command", "desc", "meta", "detail", "group"))
# What else would say the name of a redacted path.
_NOTHING: Mapping[str, Any] = {"labels": (), "type": None, "cloud_url": None}


def digest_of(repository: str, text: str) -> str:
    """Return what stands for a redacted name of a repository, the same in all its tables."""
    raw = f"{repository}\0{text}".encode("utf-8", "surrogatepass")
    return f"{REDACTED}-{sha256(raw).hexdigest()[:_DIGITS]}"


def is_digest(path: str) -> bool:
    """Whether it stands for a redacted path in the tables."""
    return _DIGEST.fullmatch(path) is not None


def redacted_facts(facts: Iterable[Fact], globs: tuple[str, ...]) -> Iterator[Fact]:
    """Yield facts without the names of paths that match a glob, or lie in a folder that does.

    A path is replaced by a digest of it, the same everywhere in its repository, so that edges
    stay. Params and metrics of such files are left out, and all free texts: commands,
    descriptions, messages of commits. Without globs, the facts stay as they are.
    """
    if not globs:
        yield from facts
        return
    is_redacted = _matcher(globs)
    file = ""
    for fact in facts:
        if isinstance(fact, RunFact):
            file = fact.file
        if isinstance(fact, ImportFact) and is_redacted(file):
            fact = _redacted_import(fact)
        if not (isinstance(fact, ParamFact | MetricFact) and is_redacted(fact.file)):
            yield _redacted(fact, is_redacted)


def _redacted_import(fact: ImportFact) -> ImportFact:
    """Return the import of a redacted out: most often, its source has the same name.

    The address of a repository stays; it says which one may be affected.
    """
    names = ("path", "rev") if fact.kind == "repo" else ("path", "source")
    values = {name: getattr(fact, name) for name in names}
    digests = {
        name: digest_of(fact.repository, value)
        for name, value in values.items()
        if value is not None
    }
    return structs.replace(fact, **digests)


def _matcher(globs: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a function to test a path. A `.dvc` file has the name of its out."""
    matches = matcher(globs)
    return lambda path: matches(path) or matches(path.removesuffix(".dvc"))


def _redacted(fact: Fact, is_redacted: Callable[[str], bool]) -> Fact:
    changed: dict[str, Any] = {}
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if name in _TEXTS and value is not None:
            changed[name] = None
        elif name in _LISTS:
            changed[name] = tuple(_path(item, fact, is_redacted) for item in value)
        elif name in _PATHS and value is not None:
            changed[name] = _path(value, fact, is_redacted)
        elif name in _IDS and not isinstance(fact, CommitFact) and value is not None:
            changed[name] = _id(value, fact, is_redacted)
    if isinstance(fact, CommitFact):
        changed["subject"] = ""
    if isinstance(fact, UnknownFact):
        changed["reason"] = REDACTED
    path = getattr(fact, "path", None)
    if path is not None and is_redacted(path):
        # Names of models and of artifacts are names of the path, too.
        for name in ("name", "artifact", "tag"):
            if getattr(fact, name, None) is not None:
                changed[name] = digest_of(fact.repository, getattr(fact, name))
        changed |= {name: value for name, value in _NOTHING.items() if hasattr(fact, name)}
    if isinstance(fact, StageFact) and fact.name is not None and is_redacted(fact.file):
        changed["name"] = digest_of(fact.repository, fact.name)
    return structs.replace(fact, **changed) if changed else fact


def _path(path: str, fact: Fact, is_redacted: Callable[[str], bool]) -> str:
    return digest_of(fact.repository, path) if is_redacted(path) else path


def _id(text: str, fact: Fact, is_redacted: Callable[[str], bool]) -> str:
    """Redact an id as a whole if it is a redacted path, or begins with one and a colon."""
    path, _, rest = text.partition(":")
    if is_redacted(text) or (rest and is_redacted(path)):
        return digest_of(fact.repository, text)
    return text
