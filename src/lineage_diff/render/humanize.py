"""Format sizes, hashes, numbers and values for readers. Different values never look equal."""

import json
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from lineage_diff.report.change import Side
from lineage_diff.report.findings import Finding
from lineage_diff.report.value_text import decimals, is_number, plain, value, values
from lineage_diff.text import shorten

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
HASH_LENGTH = 7
COMMAND_WIDTH = 100
STAGE_WIDTH = 60


def size(count: int | None) -> str:
    """Return bytes in decimal units: `14.4 MB`. Unknown is `?`."""
    return "?" if count is None else _size(count, _unit(count), 1)


def sizes(old: int | None, new: int | None) -> str:
    """Return two sizes, `14.4 → 20.1 MB` or `31.6 MB → 58 B`: each in the unit that suits it.

    They have enough digits to show the difference.
    """
    if old is None or new is None or _unit(old) != _unit(new):
        return f"{size(old)} → {size(new)}"
    unit = _unit(old)
    for digits in range(1, 3 * unit + 2):
        one, two = _size(old, unit, digits), _size(new, unit, digits)
        if one != two or old == new:
            return f"{one.split()[0]} → {two}"
    return f"{old} → {new} B"


def _unit(count: int) -> int:
    for unit in range(len(UNITS)):
        if count < 999.95 * 1000**unit:
            return unit
    return len(UNITS) - 1


def _size(count: int, unit: int, digits: int) -> str:
    return f"{count} B" if not unit else f"{count / 1000**unit:.{digits}f} {UNITS[unit]}"


def short_hash(text: str | None) -> str:
    """Return the first digits of a hash `algorithm:value` or a commit id. Unknown is `?`."""
    if not text:
        return "?"
    return text.rpartition(":")[2][:HASH_LENGTH]


def hashes(old: str | None, new: str | None) -> tuple[str, str]:
    """Return two hashes, shortened, with enough digits or the algorithms to show a difference."""
    one, two = (text.rpartition(":")[2] if text else "?" for text in (old, new))
    if one == two and old and new and old != new:
        return _with_algorithm(old), _with_algorithm(new)
    length = HASH_LENGTH
    while one[:length] == two[:length] and one != two:
        length += HASH_LENGTH
    return one[:length], two[:length]


def _with_algorithm(text: str) -> str:
    algorithm, colon, digits = text.rpartition(":")
    return f"{algorithm}{colon}{digits[:HASH_LENGTH]}"


def difference(old: Any, new: Any) -> str:
    """Return the absolute difference of two numbers; empty if they are equal or not numbers.

    Also empty if one is too large for a float.
    """
    if not (is_number(old) and is_number(new)) or old == new:
        return ""
    if isinstance(old, int) and isinstance(new, int):
        return str(abs(new - old))
    try:
        apart = abs(float(new) - float(old))
    except OverflowError:
        return ""
    return plain(apart, decimals(apart, 2)) if 1e-6 <= apart < 1e15 else f"{apart:.2g}"


def share(old: Any, new: Any) -> str:
    """Return the relative change of a number in percent, `−1.6 %`; empty for no number.

    Also empty if a percentage is meaningless: from zero, or across zero.
    """
    if not (is_number(old) and is_number(new)) or old == new or not old or (old < 0) != (new < 0):
        return ""
    try:
        percent = 100 * (float(new) - float(old)) / abs(float(old))
    except OverflowError:
        return ""
    amount = abs(percent)
    if not 1e-6 <= amount < 1e6:
        return ""
    # A loss of nearly everything is not rounded to 100 %.
    digits = next((n for n in range(2, 9) if new and _rounded(amount, n) != "100"), 2)
    return f"{'+' if percent > 0 else '−'}{_rounded(amount, digits)} %"


def _rounded(amount: float, digits: int) -> str:
    return f"{amount:,.0f}" if amount >= 1_000 else plain(amount, decimals(amount, digits))


ROOT_PIPELINE = "dvc.yaml"
# The pipeline that goes without saying: the only one of the report, else the one at the root.
PIPELINE: ContextVar[str] = ContextVar("PIPELINE", default=ROOT_PIPELINE)


def address(stage: str) -> str:
    """Return a stage's id without the pipeline that goes without saying, as for `dvc repro`."""
    return stage.removeprefix(f"{PIPELINE.get()}:")


def chain_names(stages: Sequence[str]) -> list[str]:
    """Return the names of stages in a row: each pipeline once, before its first stage."""
    names: list[str] = []
    before = PIPELINE.get()
    for stage in stages:
        pipeline, _, name = stage.rpartition(":")
        same = pipeline == before and name
        names.append(shorten(name if same else stage, STAGE_WIDTH))
        before = pipeline or before
    return names


def chained(stages: Sequence[str]) -> str:
    """Return stages from the first to the last: `prepare → featurize → train`."""
    return " → ".join(chain_names(stages))


def setting(subject: str) -> str:
    """Return a param's name without the default file: `lr` for `params.yaml:lr`."""
    return subject.removeprefix("params.yaml:")


def place(path: str, *sides: Side | None) -> str:
    """Return a path, with a final `/` if its last version is a folder, as in DVC."""
    last = next((side for side in reversed(sides) if side is not None), None)
    return f"{path}/" if last is not None and (last.hash or "").endswith(".dir") else path


def command(item: Any) -> str:
    """Return a stage's command on one line; a list of commands is joined by `&&`."""
    text = " && ".join(map(str, item)) if isinstance(item, list | tuple) else str(item)
    return shorten(" ".join(text.split()), COMMAND_WIDTH)


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 stage`, `1,200 stages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_GLOB_SIGNS = re.compile(r"[*?[]")
# An error in the configuration itself is corrected there.
_NEVER_SILENCED = ("policy-changed", "idle-ignore")


def plain_glob(name: str) -> str:
    """Return a glob that matches this name only."""
    return _GLOB_SIGNS.sub(r"[\g<0>]", name)


def suppression_entry(finding: Finding, glob: str | None = None) -> str:
    """Return the entry of `silence` in the configuration for a finding, on one line of YAML.

    Empty for a rule on the configuration itself. `glob` is for several findings.
    """
    if finding.rule in _NEVER_SILENCED:
        return ""
    glob = (glob or plain_glob(finding.subject)).removeprefix(f"{ROOT_PIPELINE}:")
    path = json.dumps(glob, ensure_ascii=not glob.isprintable())
    return f"- {{rule: {finding.rule}, path: {path}, reason: …}}"


_COMMIT = re.compile(r"(?:[0-9a-z-]+:)?[0-9a-f]{32,64}(?:\.dir)?")


def is_commit(item: Any) -> bool:
    """Whether a value is the whole id of a commit, or a hash, rather than a name for it."""
    return isinstance(item, str) and _COMMIT.fullmatch(item) is not None


FILTERS: dict[str, Callable[..., Any]] = {
    "size": size,
    "short_hash": short_hash,
    "value": value,
    "address": address,
    "chain_names": chain_names,
    "chained": chained,
    "setting": setting,
    "command": command,
    "place": place,
    "is_commit": is_commit,
    "count_of": count,
    "short": shorten,
    "suppression_entry": suppression_entry,
    "sizes": lambda pair: sizes(*pair),
    "hashes": lambda pair: hashes(*pair),
    "values": lambda pair: values(*pair),
    "difference": lambda pair: difference(*pair),
    "share": lambda pair: share(*pair),
}
