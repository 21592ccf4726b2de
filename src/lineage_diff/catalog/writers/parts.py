"""What a writer yields, and JSON of facts from any repository."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from lineage_diff.catalog.facts import Fact, MetricFact, RepositoryFact
from lineage_diff.report.json_codec import formatted, has_odd_values, storable_value

TEXT: Final = 50_000
"""Characters of a command or description: more would not be read."""


class FilePart(Struct, frozen=True):
    """The next bytes of a file of an export. `file` is its name in a folder."""

    file: str
    data: bytes


def fact_json(fact: Fact) -> bytes:
    """Return a fact as JSON, with text for what JSON cannot hold, as in a report."""
    return json_of(fact, isinstance(fact, MetricFact) and has_odd_values([fact.value]))


def json_of(value: Any, is_odd: bool = False) -> bytes:
    """Return a value as JSON; `is_odd` if it has a number that JSON cannot hold."""
    if not is_odd:
        try:
            return msgspec.json.encode(value)
        except UnicodeEncodeError:
            pass
    return msgspec.json.encode(storable_value(msgspec.to_builtins(value)))


def document_bytes(document: dict[str, Any]) -> bytes:
    """Return a document of builtins as indented JSON."""
    return formatted(json_of(document, is_odd=True))


def readable(text: str) -> str:
    """Return a text that UTF-8 can hold: a byte of a path that is not becomes its escape."""
    if text.isascii():
        return text
    stored: str = storable_value(text)
    return stored


def cut(text: str, most: int = TEXT) -> str:
    """Return the first characters of a text, `readable`; what is left out becomes `…`."""
    text = readable(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def page_of(repository: RepositoryFact, commit: str, path: str) -> str | None:
    """Return the address of the page of a path at a commit, `None` without a known server."""
    url = repository.url
    return None if url is None else f"{url}/blob/{commit}/{quote(readable(path))}"
