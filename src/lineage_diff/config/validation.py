"""Find the errors of a configuration, each with its line and what is expected there."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from lineage_diff.errors import InputError
from lineage_diff.git.remote_address import written_address
from lineage_diff.text import closest_matches

ConfigPath = tuple[str | int, ...]


class Validator:
    """Refuses errors in a configuration, with their lines."""

    def __init__(self, content: bytes, file: str) -> None:
        self._content = content
        self.file = file
        self._root: Any = None

    def keys(self, value: object, at: ConfigPath, known: Collection[str]) -> None:
        """Refuse a key that is not `known`. `convert` checks values that are not mappings."""
        for key in value if isinstance(value, Mapping) else ():
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
        """Refuse a value that is no address of a repository."""
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
        case ("organization", *_):
            return "Write a folder or an address, like `s3://bucket/tables`."
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
        "`limits`, `ignore`, `repository`, `organization`, `mlflow`, `mention`, `promotion`, "
        "`experiments`, `extends`, `redact`, or of some of them."
    )
