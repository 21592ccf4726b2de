"""Collect what is known of the affected models for people: their owners, and who uses them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.config.codeowners import CodeOwners, read_codeowners
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import Lineage, RegistryArtifact
from lineage_diff.lineage.policy import Policy
from lineage_diff.report.change import Change, ModelCard, ModelChange

# A user or a team of GitHub.
_MENTION = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?")


def with_cards(
    change: Change, base: Lineage, head: Lineage, trusted: Snapshot, policy: Policy
) -> Change:
    """Add the cards of the models that a change affects, removed ones included.

    Code owners are those of the `trusted` commit. With `mention` in the policy, a comment notifies
    them, or the owners that the pipeline names in both commits.
    """
    models = [model for model in change.models if model.affected or model.change != "unchanged"]
    return replace(change, cards=_cards(models, base, head, trusted, policy)) if models else change


def cards_of(
    models: Sequence[ModelChange], lineage: Lineage, files: Snapshot, policy: Policy
) -> tuple[ModelCard, ...]:
    """Return the cards of models of one commit of a trusted branch, as `with_cards` does."""
    return _cards(models, lineage, lineage, files, policy) if models else ()


def _cards(
    models: Sequence[ModelChange],
    base: Lineage,
    head: Lineage,
    trusted: Snapshot,
    policy: Policy,
) -> tuple[ModelCard, ...]:
    old, new = _by_path(base), _by_path(head)
    owners = read_codeowners(trusted)
    cards = []
    for model in models[: limits.CARDS]:
        before = old.get(model.renamed_from or model.path)
        cards.append(_card(model, new.get(model.path) or before, before, owners))
    shown = tuple(card for card in cards if _says_something(card))
    return shown if policy.mention else tuple(map(_quiet, shown))


def card_of(artifact: RegistryArtifact | None, path: str, owners: CodeOwners) -> ModelCard | None:
    """Return the card of one model, without mentions; `None` if nothing is known of it."""
    card = _written(artifact, path, owners)
    return card if _says_something(card) else None


def owners_of(
    models: Iterable[str], lineage: Lineage, files: Snapshot
) -> Mapping[str, tuple[str, ...]]:
    """Return the owners of the models of a commit: those that it names, else its code owners."""
    owners, artifacts = read_codeowners(files), _by_path(lineage)
    cards = {path: _written(artifacts.get(path), path, owners) for path in models}
    return {path: card.owners or card.asked or () for path, card in cards.items()}


def _by_path(lineage: Lineage) -> Mapping[str, RegistryArtifact]:
    return {artifact.path: artifact for artifact in reversed(lineage.artifacts)}


def _card(
    model: ModelChange,
    artifact: RegistryArtifact | None,
    before: RegistryArtifact | None,
    owners: CodeOwners,
) -> ModelCard:
    card = _written(artifact, model.path, owners)
    known = card.asked
    if known is None:
        # The author of a change must not have it notify whom they want.
        same = before is not None and _written(before, model.path, owners).owners == card.owners
        known = card.owners if same else ()
    mentions = tuple(name for name in known if _MENTION.fullmatch(name))
    return replace(card, name=model.name, mentions=mentions[: limits.MENTIONS])


def _written(artifact: RegistryArtifact | None, path: str, owners: CodeOwners) -> ModelCard:
    if artifact is None:
        return ModelCard(path, asked=_asked(owners, path))
    meta = _meta(artifact)
    named = _texts(meta, "owners", "owner")
    return ModelCard(
        path,
        artifact.name,
        None if artifact.desc is None else artifact.desc[: limits.CARD_TEXT],
        tuple(label[: limits.CARD_TEXT] for label in artifact.labels[: limits.CARD_NAMES]),
        named,
        _texts(meta, "consumers", "consumer"),
        next(iter(_texts(meta, "licence", "license")), None),
        next(iter(_texts(meta, "card", "model_card")), None),
        None if named else _asked(owners, path),
    )


def _meta(artifact: RegistryArtifact) -> Mapping[str, Any]:
    meta = json.loads(artifact.meta) if artifact.meta is not None else None
    return {key.lower(): value for key, value in meta.items()} if isinstance(meta, dict) else {}


def _texts(meta: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """Return the text, or the list of texts, of the first key that has one."""
    value = next((meta[key] for key in keys if meta.get(key)), None)
    items = value if isinstance(value, list) else [value]
    texts = (str(item).strip() for item in items if isinstance(item, str | int | float))
    return tuple(text[: limits.CARD_TEXT] for text in texts if text)[: limits.CARD_NAMES]


def _asked(owners: CodeOwners, path: str) -> tuple[str, ...]:
    return owners.of(path)[: limits.CARD_NAMES]


def _says_something(card: ModelCard) -> bool:
    parts = (card.desc, card.labels, card.owners, card.consumers, card.licence, card.card)
    return any(parts) or bool(card.asked)


def _quiet(card: ModelCard) -> ModelCard:
    return replace(card, mentions=())
