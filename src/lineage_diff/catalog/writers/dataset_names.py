"""Names of datasets for catalogs, which join what other tools say about the same files.

They follow OpenLineage's naming (https://openlineage.io/docs/spec/naming): a namespace, such as
`s3://bucket`, and a name in it, the key. A path of a repository is in the namespace `dvc://` with
the repository's host and name.
"""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Final

from msgspec import Struct

from lineage_diff.catalog.facts import ImportFact
from lineage_diff.catalog.writers.parts import readable

_URL: Final = re.compile(
    r"^(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^/]*)/?(?P<path>.*)$", re.I | re.S
)
# Their names begin with `/`; those of object stores do not.
_FILE_SYSTEMS: Final = frozenset(
    ("hdfs", "ssh", "sftp", "webdav", "webdavs", "webhdfs", "http", "https")
)
# Google's consumer refuses more than 4,000 characters, with the namespace.
_LONGEST: Final = 3_500
# The same paths recur in each commit.
_REMEMBERED: Final = 1 << 13
_SCHEMES: Final = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}


class DatasetName(Struct, frozen=True, order=True, cache_hash=True):
    """A dataset. Both parts can be written as UTF-8."""

    namespace: str
    name: str


def short_name(text: str) -> str:
    """Return a name that UTF-8 can hold, and that is not empty; a very long one with a digest."""
    text = readable(text) or "."
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}…{sha256(text.encode()).hexdigest()}"


def repository_namespace(repository: str) -> str:
    """Return the namespace of the paths of a repository, by its key."""
    return f"dvc://{readable(repository).replace(':', '-')}"


@lru_cache(_REMEMBERED)
def dataset_name(repository: str, path: str, url: str | None) -> DatasetName:
    """Return the name of a path of a repository, or of the file at `url`."""
    if url is not None:
        return outside_name(url)
    return DatasetName(repository_namespace(repository), short_name(path))


def import_name(fact: ImportFact) -> DatasetName:
    """Return the name of the source of an import."""
    if fact.source_repository is not None:
        return dataset_name(fact.source_repository, fact.path or "", None)
    if fact.kind == "url":
        return outside_name(fact.source)
    name = fact.path or fact.source
    return DatasetName(f"{fact.kind}://{short_name(fact.source)}", short_name(name))


def outside_name(url: str) -> DatasetName:
    """Return the name of a file outside of the repository, by its address."""
    match = _URL.match(short_name(url))
    if match is None:
        return DatasetName("file", short_name(url))
    scheme = match["scheme"].lower()
    path = match["path"]
    if scheme == "remote":
        # A remote of DVC's configuration, which the commit names.
        return DatasetName(f"remote://{match['host']}", path or ".")
    namespace = f"{_SCHEMES.get(scheme, scheme)}://{match['host']}"
    return DatasetName(namespace, f"/{path}" if scheme in _FILE_SYSTEMS else path or "/")
