"""Find the error in a project's `.dvc/config` at which every DVC command ends.

The text is parsed and checked by `dvc.config_schema`. No setting is used: the text is untrusted.
A missing key that a `config.local` may add, such as a remote's `url`, is no error.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lineage_diff.dvc import problems
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import Problem
from lineage_diff.parsing.work_budget import PROJECTS, WorkBudget
from lineage_diff.text import hide_dvc_messages

_MOST_BYTES = 1 << 16
# As measured: the check of a small text, and its parsing for each character.
_CHECK_STEPS, _CHARACTER_STEPS = 3_000, 20
_HINT = "Correct it: until then each DVC command ends at it."
# The form of nearly all: to import DVC's schema takes longer than to read most commits.
_PLAIN = r"[ \t]*=[ \t]*[\w.:/@+~-]+"
_FLAG = r"[ \t]*=[ \t]*(?:[Tt]rue|[Ff]alse)"
_USUAL = re.compile(
    r"(?:[ \t]*(?:#[^\n]*)?\n)*"
    rf"(?:\[core\]\n(?:[ \t]+(?:remote{_PLAIN}|(?:analytics|autostage|check_update){_FLAG})\n)*)?"
    r"(?:\['remote \"[\w.-]+\"'\]\n"
    r"[ \t]+url[ \t]*=[ \t]*(?:(?:s3|gs|azure|ssh|https?|gdrive|oss|hdfs|webdavs?)://|\.\./|/)"
    r"[\w./@+~-]*\n)*"
)
_SECTION = re.compile(r"\s*(?P<section>remote|machine|db)\s*\"(?P<name>.*)\"\s*")
_LINE = re.compile(r"at line (\d+)")


def config_problems(snapshot: Snapshot, path: str, work: WorkBudget) -> Iterator[Problem]:
    """Yield the problem of a project's configuration at `path`, if there is one.

    Raises `TooMuchWorkError`.
    """
    if snapshot.entry(path) is None:
        return
    try:
        content = snapshot.read(path)
    except InputError:
        return
    if len(content) > _MOST_BYTES:
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        yield problems.refused(path, "not valid UTF-8", "Save the file as UTF-8.", 1)
        return
    work.spend(len(text), PROJECTS)
    if _USUAL.fullmatch(text if text.endswith("\n") else f"{text}\n") is None:
        work.spend(_CHECK_STEPS + _CHARACTER_STEPS * len(text), PROJECTS)
        yield from _full_check(text, path)


def _full_check(text: str, path: str) -> Iterator[Problem]:
    # Saves ConfigObj where the configuration is as DVC writes it.
    from configobj import ConfigObj, ConfigObjError

    lines = text.removesuffix("\n").split("\n")
    try:
        # Values that name others are not filled in: that can take exponential time.
        sections = ConfigObj([f"{line}\n" for line in lines], interpolation=False).dict()
    except (ConfigObjError, UnicodeError) as error:
        yield _unparsable(error, path)
        return
    if "%(" in text:
        return
    what, key = _schema_error(_nest_sections(_lower(sections)))
    if what:
        yield problems.refused(path, what, _HINT, _line_of(key, lines))


def _unparsable(error: Exception, path: str) -> Problem:
    errors = getattr(error, "errors", None) or [error]
    found = _LINE.search(str(errors[0]))
    line = getattr(errors[0], "line_number", None) or (int(found[1]) if found else None)
    return problems.refused(path, "no configuration that DVC can parse", _HINT, line)


def _schema_error(config: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return DVC's error and its key; `None` and `""` without an error."""
    # Saves DVC's schema where the configuration is as DVC writes it.
    from voluptuous import Invalid, MultipleInvalid

    remotes = config.get("remote", {})
    if not isinstance(remotes, dict):
        return "`remote` is no section with a name", "remote"
    # A `config.local` may give the url that a remote is without.
    whole = {k: v for k, v in remotes.items() if not isinstance(v, dict) or "url" in v}
    try:
        _schema()({**config, "remote": whole})
    except MultipleInvalid as error:
        return _message_of(error.errors[0])
    except Invalid as error:
        return _message_of(error)
    except (TypeError, ValueError, AttributeError) as error:
        return str(error), ""
    return None, ""


@cache
def _schema() -> Any:
    """Return DVC's schema, compiled: that takes longer than to check a configuration."""
    # Saves DVC's schema where the configuration is as DVC writes it.
    from dvc.config_schema import SCHEMA
    from voluptuous import Schema

    hide_dvc_messages()
    return Schema(SCHEMA)


def _message_of(error: Any) -> tuple[str, str]:
    path = [str(part) for part in error.path]
    where = f"`{'.'.join(path)}`: " if path else ""
    return f"{where}{error.msg}", path[-1] if path else ""


def _lower(value: Any) -> Any:
    """Make all keys lower case, as `dvc.config._lower_keys` does."""
    if not isinstance(value, dict):
        return value
    return {key.lower(): _lower(part) for key, part in value.items()}


def _nest_sections(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Move `['remote "x"']` below `remote`, as `dvc.config._parse_named` does.

    A setting outside of all sections may have the name of such a section: DVC ends with an
    internal error. The setting stays here, and is the schema's error.
    """
    found: dict[str, Any] = {"remote": {}, "machine": {}, "db": {}}
    for section, values in sections.items():
        match = _SECTION.fullmatch(section)
        if match is None:
            found[section] = values
        elif isinstance(found[match["section"]], dict):
            found[match["section"]][match["name"]] = values
    return found


def _line_of(key: str, lines: list[str]) -> int | None:
    wanted = re.compile(rf"[ \t]*\[?['\"]?\w* ?\"?{re.escape(key)}\b", re.IGNORECASE)
    return next((n for n, line in enumerate(lines, 1) if key and wanted.match(line)), None)
