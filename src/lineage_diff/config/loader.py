"""Read the configuration from the tip of the base branch, which a change's author cannot edit."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.remote_address import written_address
from lineage_diff.git.snapshot import Snapshot
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
from lineage_diff.text import closest_matches

if TYPE_CHECKING:
    from lineage_diff.config.schema import PolicyExtends, PolicyPromotion, PolicyStage

PATHS = (".github/lineage-diff.yml", ".github/lineage-diff.yaml")
_EXTENDS = "extends"
ConfigPath = tuple[str | int, ...]


def read_policy(
    snapshot: Snapshot,
    path: str | None = None,
    known_rules: Collection[str] = (),
    place: str | None = None,
) -> Policy:
    """Read the configuration of a commit; without one, every setting has its default.

    `path` is the file if it is not one of `PATHS`; then it must exist. With `known_rules`, any
    other name in `rules` and `silence` is an error. `place` names the files if they are of no
    commit. Raises `InputError` with file and line for an unknown key or a value of the wrong type.
    """
    if path is None:
        path = next((known for known in PATHS if snapshot.resolve(known)), None)
        if path is None:
            return Policy()
    elif snapshot.resolve(path) is None:
        near = closest_matches(path, snapshot.files())
        hint = "Commit it to the base branch first." if place is None else "Name a file there."
        raise InputError(
            f"no such file in {place or f'commit {snapshot.commit[:12]}'}",
            hint=f"Did you mean {near[0]}?" if near else hint,
            file=path,
        )
    content = snapshot.read(path)
    if len(content) > limits.POLICY_BYTES:
        raise InputError(
            f"the configuration is {len(content)} bytes long, "
            f"over the limit of {limits.POLICY_BYTES}",
            hint="Use fewer, wider globs.",
            file=path,
        )
    return parse_policy(content, path, known_rules)


def file_on_disk(root: Path, path: str | None = None) -> tuple[str, bytes] | None:
    """Return the configuration in a work tree, as its path and its text with Unix line ends.

    `path` is as for `read_policy`. `None` if there is none, if it is outside of the work tree, too
    long or unreadable.
    """
    paths = PATHS if path is None else (path,)
    found = next((path for path in paths if Path(root, path).is_file()), None)
    if found is None or not Path(root, found).resolve().is_relative_to(root.resolve()):
        return None
    try:
        with Path(root, found).open("rb") as file:
            text = file.read(limits.POLICY_BYTES + 1)
    except OSError:
        return None
    return (found, _unix_lines(text)) if len(text) <= limits.POLICY_BYTES else None


def file_in_commit(snapshot: Snapshot, path: str | None = None) -> bytes | None:
    """Return the text of a commit's configuration with Unix line ends; `None` if there is none."""
    paths = PATHS if path is None else (path,)
    found = next((path for path in paths if snapshot.resolve(path)), None)
    return None if found is None else _unix_lines(snapshot.read(found))


def _unix_lines(text: bytes) -> bytes:
    # Git may write other line ends to the disk than it stores.
    return text.replace(b"\r\n", b"\n")


def parse_policy(content: bytes, file: str, known_rules: Collection[str] = ()) -> Policy:
    """Parse the configuration's text into a `Policy`; errors as for `read_policy`."""
    # Imported here: most repositories have no configuration.
    from lineage_diff.config.schema import (
        Limit,
        PolicyData,
        PolicyFile,
        PolicyMetric,
        PolicyMlflow,
        PolicyPromotion,
        PolicyStage,
        Severities,
        SuppressionEntry,
    )

    data = load_yaml(content, file)
    check = _Check(content, file)
    data = {} if data is None else data
    check.keys(data, (), PolicyFile.__struct_fields__)
    own = len(list(_items(dict(_entries(data)).get("silence"))))
    if isinstance(data, Mapping) and _EXTENDS in data:
        data = _extended(data, check, known_rules)
    # Entry by entry: msgspec does not report the mapping key of a wrong value.
    sections = dict(_entries(data))
    for section, kind in (("metrics", PolicyMetric), ("data", PolicyData)):
        for name, value in _entries(sections.get(section)):
            check.keys(value, (section, name), kind.__struct_fields__)
            check.convert(value, (section, name), kind)
    for name, value in _entries(sections.get("rules")):
        if known_rules and name not in known_rules:
            raise check.unknown("rule", name, ("rules", name), known_rules)
        check.convert(value, ("rules", name), Severities)
    for index, value in enumerate(_items(sections.get("silence"))):
        at: ConfigPath = ("silence", index)
        check.keys(value, at, SuppressionEntry.__struct_fields__)
        check.convert(value, at, SuppressionEntry)
        if known_rules and value["rule"] not in known_rules:
            raise check.unknown("rule", value["rule"], (*at, "rule"), known_rules)
    check.keys(sections.get("limits"), ("limits",), limits.KEYS)
    for name, value in _entries(sections.get("limits")):
        check.convert(value, ("limits", name), Limit)
    check.keys(sections.get("mlflow"), ("mlflow",), PolicyMlflow.__struct_fields__)
    promotion = sections.get("promotion")
    check.keys(promotion, ("promotion",), PolicyPromotion.__struct_fields__)
    _check_promotion(promotion, check, PolicyStage, known_rules)
    check.convert(data, (), PolicyFile)
    check.address(sections.get("repository"))
    parsed = msgspec.convert(data, PolicyFile)
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
        suppressions=tuple(
            Suppression(item.rule, item.reason.strip(), item.path, check.line(("silence", index)))
            if index < own
            else Suppression(item.rule, item.reason.strip(), item.path, shared=True)
            for index, item in enumerate(parsed.silence)
        ),
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


def _extended(
    data: Mapping[str, Any], check: "_Check", known_rules: Collection[str]
) -> dict[str, Any]:
    """Return a configuration on top of the one that it extends.

    Raises `InputError` if that one is not at hand, is none, or extends another one.
    """
    # Imported here: most configurations extend none.
    from lineage_diff.config import shared
    from lineage_diff.config.schema import PolicyExtends

    entry = data[_EXTENDS]
    check.keys(entry, (_EXTENDS,), PolicyExtends.__struct_fields__)
    check.convert(entry, (_EXTENDS,), PolicyExtends)
    extends = msgspec.convert(entry, PolicyExtends)
    content = shared.read_shared(extends, check.file, check.line((_EXTENDS,)))
    file = shared.describe(extends)
    below = load_yaml(content, file)
    if isinstance(below, Mapping) and _EXTENDS in below:
        raise InputError(
            "a shared configuration extends another one",
            hint="Name the one with the settings; there are no chains.",
            file=file,
        )
    parse_policy(content, file, known_rules)
    return shared.merge(data, below or {})


def extends_of(content: bytes, file: str) -> "PolicyExtends | None":
    """Return what a configuration extends; `None` if nothing, or if it is no valid entry."""
    # As above.
    from lineage_diff.config.schema import PolicyExtends

    entry = dict(_entries(load_yaml(content, file))).get(_EXTENDS)
    try:
        return None if entry is None else msgspec.convert(entry, PolicyExtends)
    except msgspec.ValidationError:
        return None


def _check_promotion(
    value: object, check: "_Check", stage_kind: "type[PolicyStage]", known_rules: Collection[str]
) -> None:
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
        check.keys(stage, at, stage_kind.__struct_fields__)
        _check_conditions(dict(_entries(stage)).get("conditions"), check, (*at, "conditions"))
        check.convert(stage, at, stage_kind)


def _check_conditions(value: object, check: "_Check", at: ConfigPath) -> None:
    check.keys(value, at, get_args(ConditionName))
    for name, requirement in _entries(value):
        check.convert(requirement, (*at, name), Requirement)


def _promotion(parsed: "PolicyPromotion") -> PromotionPolicy:
    return PromotionPolicy(
        _stage_policy(parsed),
        tuple(dict.fromkeys(parsed.stages)),
        tuple(dict.fromkeys(parsed.silenced)),
        {name: _stage_policy(stage) for name, stage in sorted(parsed.to.items())},
    )


def _stage_policy(parsed: "PolicyPromotion | PolicyStage") -> StagePolicy:
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


class _Check:
    """Finds errors in a configuration, with their lines."""

    def __init__(self, content: bytes, file: str) -> None:
        self._content = content
        self.file = file
        self._root: Any = None

    def keys(self, value: object, at: ConfigPath, known: Collection[str]) -> None:
        """Refuse a key that is not `known`. `convert` checks values that are not mappings."""
        for key, _ in _entries(value):
            if key not in known:
                raise self.unknown("key", key, (*at, key), known)

    def convert(self, value: object, at: ConfigPath, kind: Any) -> None:
        """Refuse a value that is not of the type `kind`."""
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `")
            if " matching regex " in message:
                message = "not a valid value"
            inner = (
                int(step[1:-1]) if step.startswith("[") else step[1:]
                for step in re.findall(r"\.\w+|\[\d+\]", path)
            )
            where = (*at, *inner)
            raise InputError(
                f"{_spell(where)}{message[0].lower()}{message[1:]}",
                hint=_expectation(where),
                file=self.file,
                line=self.line(where),
            ) from error

    def address(self, value: object) -> None:
        """Refuse an address of the repository that is none."""
        if value is not None and written_address(str(value)) is None:
            raise InputError(
                "`repository`: not an address of a repository",
                hint=_expectation(("repository",)),
                file=self.file,
                line=self.line(("repository",)),
            )

    def unknown(
        self, noun: str, name: object, at: ConfigPath, known: Collection[str]
    ) -> InputError:
        """Return the error for a name that is not `known`."""
        near = closest_matches(str(name), known)
        return InputError(
            f"unknown {noun} {name!r}",
            hint=f"Did you mean {near[0]!r}?"
            if near
            else f"Known are: {', '.join(sorted(known))}.",
            file=self.file,
            line=self.line(at),
        )

    def line(self, at: ConfigPath) -> int | None:
        """Return the line, from 1, of the value at `at`, or of its nearest container."""
        # Imported here: needed only for errors.
        import yaml

        if self._root is None:
            # Two YAML parsers may disagree; then there is no line.
            try:
                self._root = yaml.compose(self._content, Loader=yaml.SafeLoader)
            except yaml.YAMLError:
                return None
        node = self._root
        line = node.start_mark.line + 1 if node else None
        for step in at:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(step)]
                if not found:
                    break
                key, node = found[-1]
                line = key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line


def _spell(at: ConfigPath) -> str:
    return f"`{'.'.join(map(str, at))}`: " if at else ""


def _expectation(at: ConfigPath) -> str:
    match at:
        case ("extends", "commit" | "sha256" as key, *_):
            return f"Write the {'full id of a commit' if key == 'commit' else '64 hex digits'}."
        case ("extends", *_):
            return "Write `repository`, `commit`, `sha256` and, if it is another, `path` below it."
        case ("models" | "ignore", *_):
            return "Write a list of globs, like `- models/*.pkl`."
        case ("metrics", _, "better"):
            return "Write `higher` or `lower`."
        case ("metrics", _, "tolerance"):
            return (
                "Write a number from 0, like `0.01`, a share of the old value, like `1%`, or "
                "`auto` for the spread of its values."
            )
        case ("metrics", _, "min" | "max"):
            return "Write a number."
        case ("metrics", _, "gate"):
            return "Write `error`, `warning`, `info` or `off`."
        case ("metrics", *_):
            return (
                "Write a glob of metrics with `better`, `tolerance`, `min`, `max` or `gate` below."
            )
        case ("data", *_):
            return "Write a glob of paths with `tolerance` below it, a share like `50%`."
        case ("rules", *_):
            return "Write `NAME: error`, `warning`, `info` or `off`."
        case ("silence", *_):
            return "Write a list of entries with `rule`, `reason` and, for a part only, `path`."
        case ("limits", *_):
            return "Write a number from 1."
        case ("fetch", *_):
            return "Write a list of `metrics`, `plots`, `listings`, or of some of them."
        case ("check", *_):
            return "Write a list with `pushed`."
        case ("experiments", *_):
            return "Write `all`, `promoted` or `none`."
        case ("repository", *_):
            return "Write the address of the repository, like `github.com/owner/name`."
        case ("redact", *_):
            return "Write a list of globs of paths."
        case ("mention", *_):
            return "Write `true` or `false`."
        case ("promotion", "branches", *_) | ("promotion", "to", _, "branches", *_):
            return "Write a list of globs of branches, like `- main`."
        case ("promotion", "conditions", *_) | ("promotion", "to", _, "conditions", *_):
            return "Write `NAME: required`, `unless-unknown` or `off`."
        case ("promotion", "stages" | "silenced" as key, *_):
            return f"Write a list of {'rules' if key == 'silenced' else 'stages, like `- prod`'}."
        case ("promotion", "to", *_):
            return "Write a stage with `branches` or `conditions` below it."
        case ("promotion", *_):
            return (
                "Write `branches`, `stages`, `conditions`, `silenced` or `to` below it, or some "
                "of them."
            )
        case ("mlflow", *_):
            return "Write `commit` with a list of names of tags and params below it."
    return (
        "Write a mapping of `models`, `metrics`, `data`, `rules`, `silence`, `fetch`, `check`, "
        "`limits`, `ignore`, `repository`, `mlflow`, `mention`, `promotion`, `experiments`, "
        "`extends`, `redact`, or of some of them."
    )
