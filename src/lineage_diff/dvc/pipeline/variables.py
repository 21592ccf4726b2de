"""Load the variables for `${…}` in a `dvc.yaml`: `params.yaml` and the entries of `vars`.

Covers the usual cases of `dvc.parsing.context`, which takes longer to load than everything else.
Any case in doubt, also an error, is left to DVC.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from lineage_diff.dvc.pipeline.foreach_cache import Found, text_of
from lineage_diff.dvc.pipeline.template_files import TemplateFiles
from lineage_diff.errors import InputError

_DEFAULT = "params.yaml"
_OTHER_FORMATS = (".json", ".toml", ".py")
_NAME = re.compile(r" *(\w[\w\-]*(?:\.[\w\-]+|\[[\w\-]+\])*) *", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_REMEMBERED = 1_024


class NotUsualError(Exception):
    """Only DVC can resolve this."""


class Variables(Struct, frozen=True):
    """All values merged, and each source alone: its file and its values."""

    merged: Mapping[str, Any]
    sources: Sequence[tuple[str | None, Mapping[str, Any]]]

    def find(self, keys: Sequence[str]) -> Found:
        """Return one value with its file and key. Raises `NotUsualError`."""
        for file, values in self.sources:
            value = _below(values, keys)
            if is_value(value):
                return value, file, ".".join(keys)
        raise NotUsualError

    def select(self, keys: Sequence[str]) -> Any:
        """Return a value, list or mapping. Raises `NotUsualError`."""
        value = _below(self.merged, keys)
        if value is _NOTHING:
            raise NotUsualError
        return value


class Part(Struct, frozen=True):
    """The value of an item of a `foreach` or `matrix`, with its `keys` if it is a variable."""

    value: Any
    keys: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """The item's part of a stage's name, if it is a single value."""
        # DVC writes `True` for a variable, and `true` for a literal in the list.
        return text_of(self.value) if self.keys is None else str(self.value)

    def find(self, keys: Sequence[str], variables: Variables) -> Found:
        """Return one value inside the item, as `Variables.find` does. Raises `NotUsualError`."""
        if self.keys is not None:
            return variables.find([*self.keys, *keys])
        value = _below(self.value, keys)
        if not is_value(value):
            raise NotUsualError
        return value, None, ""


def load_variables(entries: Sequence[Any], folder: str, files: TemplateFiles) -> Variables:
    """Read the `vars` entries of a `dvc.yaml` in a folder. Raises `NotUsualError`."""
    sources: list[tuple[str | None, Mapping[str, Any]]] = []
    merged: Mapping[str, Any] = {}
    for file, values in _sources(entries, folder, files):
        check_plain(values)
        merged = _merge(merged, values)
        sources.append((file, values))
    return Variables(merged, sources)


@lru_cache(_REMEMBERED)
def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys that lead to a variable. Raises `NotUsualError`."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise NotUsualError
    return tuple(match[1].replace("[", ".").replace("]", "").split("."))


def is_value(value: Any) -> bool:
    """Return whether it is a single value, neither a list nor a mapping."""
    return value is None or isinstance(value, str | int | float)


def check_plain(data: Any) -> None:
    """Raise `NotUsualError` for variables' values that DVC drops or refuses."""
    if isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str):
                raise NotUsualError
            if not is_value(value):
                check_plain(value)
    elif isinstance(data, list):
        for item in data:
            if not is_value(item):
                check_plain(item)
    elif not is_value(data):
        raise NotUsualError


def has_variables(data: Any) -> bool:
    """Return whether any text in the data may contain a variable."""
    return "${" in str(data)


def _sources(
    entries: Sequence[Any], folder: str, files: TemplateFiles
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    if has_variables(entries):
        raise NotUsualError
    path = files.normpath(files.join(folder, _DEFAULT))
    seen: set[str] = set()
    if files.exists(path):
        seen.add(path)
        yield path, _values(path, files)
    for entry in entries:
        if not isinstance(entry, str):
            yield None, entry
            continue
        path = files.normpath(files.join(folder, entry))
        if path not in seen:
            seen.add(path)
            yield path, _values(path, files)


def _values(path: str, files: TemplateFiles) -> Mapping[str, Any]:
    if ":" in path or files.suffix(path).lower() in _OTHER_FORMATS:
        raise NotUsualError
    try:
        values = files.load(path) or {}
    except InputError as error:
        raise NotUsualError from error
    if not isinstance(values, dict):
        raise NotUsualError
    return values


def _merge(values: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge two mappings recursively. Raises `NotUsualError` for another key in both."""
    found = {**values, **more}
    for key in values.keys() & more.keys():
        one, two = values[key], more[key]
        if not isinstance(one, dict) or not isinstance(two, dict):
            raise NotUsualError
        found[key] = _merge(one, two)
    return found


_NOTHING = object()


def _below(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, _NOTHING)
        elif isinstance(value, list) and _INDEX.fullmatch(key) and int(key) < len(value):
            value = value[int(key)]
        else:
            return _NOTHING
    return value
