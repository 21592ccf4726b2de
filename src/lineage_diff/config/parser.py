"""Parse a configuration, on top of the one that it extends, into a policy."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, get_args

import msgspec

from lineage_diff import limits
from lineage_diff.config import shared
from lineage_diff.config.schema import (
    Limit,
    PolicyData,
    PolicyExtends,
    PolicyFile,
    PolicyMetric,
    PolicyMlflow,
    PolicyPromotion,
    PolicyStage,
    Severities,
    SuppressionEntry,
)
from lineage_diff.config.validation import ConfigPath, Validator
from lineage_diff.errors import InputError
from lineage_diff.limits import Limits
from lineage_diff.lineage.mlflow import COMMIT_NAMES
from lineage_diff.lineage.policy import (
    ConditionName,
    DataPolicy,
    MetricPolicy,
    Policy,
    PromotionPolicy,
    Requirement,
    StagePolicy,
    Suppression,
)
from lineage_diff.parsing.yaml_loader import load_yaml


def parse_policy(content: bytes, file: str, known_rules: Collection[str] = ()) -> Policy:
    """Parse the text of a configuration.

    With `known_rules`, any other name of a rule is an error. Raises `InputError` with file and line
    for an unknown key or a value of the wrong type, and if what it extends cannot be read.
    """
    data = load_yaml(content, file)
    data = {} if data is None else data
    check = Validator(content, file)
    check.keys(data, (), PolicyFile.__struct_fields__)
    own = len(list(_items(dict(_entries(data)).get("silence"))))
    if isinstance(data, Mapping) and shared.EXTENDS in data:
        data = _extended(data, check, known_rules)
    _check_sections(data, check, known_rules)
    parsed = msgspec.convert(data, PolicyFile)
    lines = [check.line(("silence", index)) for index in range(own)]
    return _policy(parsed, lines, file)


def _extended(
    data: Mapping[str, Any], check: Validator, known_rules: Collection[str]
) -> dict[str, Any]:
    """Return a configuration on top of the one that it extends.

    Raises `InputError` if that one is not at hand, is not valid, or extends another one.
    """
    entry = data[shared.EXTENDS]
    check.keys(entry, (shared.EXTENDS,), PolicyExtends.__struct_fields__)
    check.convert(entry, (shared.EXTENDS,), PolicyExtends)
    extends = msgspec.convert(entry, PolicyExtends)
    content = shared.read_shared(extends, check.file, check.line((shared.EXTENDS,)))
    file = shared.describe(extends)
    below = load_yaml(content, file)
    if isinstance(below, Mapping) and shared.EXTENDS in below:
        raise InputError(
            "a shared configuration extends another one",
            hint="Name the one with the settings; there are no chains.",
            file=file,
        )
    parse_policy(content, file, known_rules)
    return shared.merge(data, below or {})


def _check_sections(data: object, check: Validator, known_rules: Collection[str]) -> None:
    """Refuse errors entry by entry: msgspec does not report the mapping key of a wrong value."""
    sections = dict(_entries(data))
    for section, kind in (("metrics", PolicyMetric), ("data", PolicyData)):
        for name, value in _entries(sections.get(section)):
            check.keys(value, (section, name), kind.__struct_fields__)
            check.convert(value, (section, name), kind)
    for name, value in _entries(sections.get("rules")):
        if known_rules and name not in known_rules:
            raise check.unknown("rule", name, ("rules", name), known_rules)
        check.convert(value, ("rules", name), Severities)
    _check_suppressions(sections.get("silence"), check, known_rules)
    check.keys(sections.get("limits"), ("limits",), limits.KEYS)
    for name, value in _entries(sections.get("limits")):
        check.convert(value, ("limits", name), Limit)
    check.keys(sections.get("mlflow"), ("mlflow",), PolicyMlflow.__struct_fields__)
    promotion = sections.get("promotion")
    check.keys(promotion, ("promotion",), PolicyPromotion.__struct_fields__)
    _check_promotion(promotion, check, known_rules)
    check.convert(data, (), PolicyFile)
    check.address(sections.get("repository"))


def _check_suppressions(value: object, check: Validator, known_rules: Collection[str]) -> None:
    for index, entry in enumerate(_items(value)):
        at: ConfigPath = ("silence", index)
        check.keys(entry, at, SuppressionEntry.__struct_fields__)
        check.convert(entry, at, SuppressionEntry)
        if known_rules and entry["rule"] not in known_rules:
            raise check.unknown("rule", entry["rule"], (*at, "rule"), known_rules)


def _check_promotion(value: object, check: Validator, known_rules: Collection[str]) -> None:
    """Refuse unknown names in `promotion`: keys, conditions, rules, and stages out of the order."""
    sections = dict(_entries(value))
    _check_conditions(sections.get("conditions"), check, ("promotion", "conditions"))
    for index, rule in enumerate(_items(sections.get("silenced"))):
        if known_rules and isinstance(rule, str) and rule not in known_rules:
            raise check.unknown("rule", rule, ("promotion", "silenced", index), known_rules)
    order = [item for item in _items(sections.get("stages")) if isinstance(item, str)]
    for name, stage in _entries(sections.get("to")):
        at: ConfigPath = ("promotion", "to", name)
        if order and name not in order:
            raise check.unknown("stage", name, at, order)
        check.keys(stage, at, PolicyStage.__struct_fields__)
        _check_conditions(dict(_entries(stage)).get("conditions"), check, (*at, "conditions"))
        check.convert(stage, at, PolicyStage)


def _check_conditions(value: object, check: Validator, at: ConfigPath) -> None:
    check.keys(value, at, get_args(ConditionName))
    for name, requirement in _entries(value):
        check.convert(requirement, (*at, name), Requirement)


def _policy(parsed: PolicyFile, lines: list[int | None], file: str) -> Policy:
    """Return the policy. `lines` are those of the suppressions of the file itself."""
    return Policy(
        models=tuple(parsed.models),
        metrics=tuple(
            MetricPolicy(
                pattern,
                metric.better,
                *_tolerance(metric.tolerance),
                metric.min,
                metric.max,
                metric.gate,
            )
            for pattern, metric in parsed.metrics.items()
        ),
        data=tuple(
            DataPolicy(pattern, _share(data.tolerance)) for pattern, data in parsed.data.items()
        ),
        rules=dict(sorted(parsed.rules.items())),
        suppressions=tuple(_suppressions(parsed.silence, lines)),
        ignore=tuple(parsed.ignore),
        limits=Limits(**{name.replace("-", "_"): most for name, most in parsed.limits.items()}),
        fetch=tuple(dict.fromkeys(parsed.fetch)),
        check=tuple(dict.fromkeys(parsed.check)),
        repository=parsed.repository,
        organization=parsed.organization,
        experiments=parsed.experiments,
        mlflow_commit=tuple(parsed.mlflow.commit) if parsed.mlflow else COMMIT_NAMES,
        mention=parsed.mention,
        redact=tuple(parsed.redact),
        promotion=_promotion(parsed.promotion or PolicyPromotion()),
        source=file,
    )


def _suppressions(
    entries: list[SuppressionEntry], lines: list[int | None]
) -> Iterator[Suppression]:
    for index, entry in enumerate(entries):
        is_own = index < len(lines)
        yield Suppression(
            entry.rule,
            entry.reason.strip(),
            entry.path,
            lines[index] if is_own else None,
            shared=not is_own,
        )


def _promotion(parsed: PolicyPromotion) -> PromotionPolicy:
    return PromotionPolicy(
        _stage_policy(parsed),
        tuple(dict.fromkeys(parsed.stages)),
        tuple(dict.fromkeys(parsed.silenced)),
        {name: _stage_policy(stage) for name, stage in sorted(parsed.to.items())},
    )


def _stage_policy(parsed: PolicyPromotion | PolicyStage) -> StagePolicy:
    branches = None if parsed.branches is None else tuple(parsed.branches)
    return StagePolicy(branches, dict(sorted(parsed.conditions.items())))


def _entries(value: object) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _tolerance(value: float | str) -> tuple[float | None, bool]:
    if value == "auto":
        return None, False
    return (_share(value), True) if isinstance(value, str) else (float(value), False)


def _share(value: str) -> float:
    return float(value.removesuffix("%")) / 100
