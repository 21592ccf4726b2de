"""Resolve the names of models, metrics and content."""

import re
from collections.abc import Iterable, Mapping
from itertools import chain

from lineage_diff.app.audit.context import AuditContext
from lineage_diff.app.names import near, not_annotated
from lineage_diff.audit.ledger import Ledger
from lineage_diff.audit.metrics import metric_values
from lineage_diff.audit.models import artifact_path
from lineage_diff.errors import InputError
from lineage_diff.lineage.history import Record

_HASH = re.compile(r"(?:(?:md5|md5-dos2unix|etag|checksum|git):)?([0-9a-f]{7,64}(?:\.dir)?)")
_SOME = 5


def model_path(text: str, context: AuditContext) -> str | None:
    """Return the path of a model by its path or its name in the registry; `None` for neither."""
    path = text.removeprefix("./").rstrip("/")
    if path in context.models or path in context.known:
        return path
    named = artifact_path(text, context.lineage)
    if named is not None:
        return named
    names = {model.name: model.path for model in context.models.values() if model.name is not None}
    if text in names:
        return names[text]
    past = {
        item.version.artifact: item.path for item in context.registered if item.path is not None
    }
    if text in past:
        return past[text]
    return path if path in context.ledger.entries else None


def no_model(text: str, context: AuditContext) -> InputError:
    """Error for an unknown model, with the closest matches."""
    ignored = not_annotated(context.repository, text)
    if ignored is not None:
        return ignored
    names = {*context.known, *context.models, *(name for name in context.known.values() if name)}
    return InputError(
        f"no model {text!r} at {context.rev} or before",
        hint=near(text, names, "Add your model under `models` in the configuration."),
    )


def metric_of(text: str, context: AuditContext) -> tuple[str, str] | None:
    """Return file and key of a metric, named `KEY` or `FILE:KEY`; `None` if unknown.

    Raises `InputError` for a key in several files.
    """
    known = [(item.file, item.key) for item in metric_values(context.lineage.metrics.values())]
    found = [(file, key) for file, key in known if text in (key, f"{file}:{key}")]
    if len(found) > 1:
        names = [f"{file}:{key}" for file, key in found]
        raise InputError(
            f"{len(found)} files have a metric {text!r}", hint=f"Name one: {', '.join(names)}."
        )
    return found[0] if found else None


def metric_names(context: AuditContext) -> list[str]:
    """Return the names of all metrics of the commit."""
    values = metric_values(context.lineage.metrics.values())
    return [f"{item.file}:{item.key}" for item in values]


def known_hashes(ledger: Ledger) -> Mapping[str, str]:
    """Return every hash in the history, `algorithm:value`, by its value."""
    found: dict[str, str] = {}
    for record in _records(ledger):
        for version in (*record.deps.values(), *record.outs.values()):
            if version.hash is not None:
                found[version.hash.value] = str(version.hash)
    return found


def _records(ledger: Ledger) -> Iterable[Record]:
    """Return each record once: a run has an entry for each of its outs."""
    entries = chain.from_iterable(ledger.entries.values())
    return {id(entry.record): entry.record for entry in entries if entry.record}.values()


def hashes_named(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the hash values that match a hash or its first digits; empty for no hash.

    Raises `InputError` if several hashes match.
    """
    match = _HASH.fullmatch(text.lower())
    if match is None:
        return ()
    found = [value for value in sorted(known) if value.startswith(match[1])]
    exact = [value for value in found if value.removesuffix(".dir") == match[1]]
    found = exact or found
    if len({value.removesuffix(".dir") for value in found}) > 1:
        raise InputError(
            f"{text} matches {len(found)} hashes",
            hint=f"Write more digits: {', '.join(found[:_SOME])}.",
        )
    return tuple(found)


def is_hash(text: str) -> bool:
    """Whether a text looks like a hash, or its first digits."""
    return _HASH.fullmatch(text.lower()) is not None


def known_paths(ledger: Ledger) -> frozenset[str]:
    """Return every path that a run ever used or made."""
    return frozenset(ledger.entries).union(*(record.deps for record in _records(ledger)))


def known_params_files(ledger: Ledger) -> frozenset[str]:
    """Return the path of every params file that a run ever used."""
    return frozenset(file for record in _records(ledger) for file in record.run.param_files)
