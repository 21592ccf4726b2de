"""Parse the text of a `dvc.yaml`; stages with unchanged lines are not parsed again."""

import re
from typing import Any

from lineage_diff.errors import InputError
from lineage_diff.parsing.usual_yaml import usual_value, usual_words, usual_yaml
from lineage_diff.parsing.work_budget import (
    PARSING,
    VALUE_STEPS,
    LastTexts,
    TooMuchWorkError,
    WorkBudget,
)
from lineage_diff.parsing.yaml_limits import has_references, most_values
from lineage_diff.parsing.yaml_loader import load_yaml

_STAGES = re.compile(r"^stages:[ ]*\n", re.MULTILINE)
_FIRST = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*(?P<indent> +)[A-Za-z_]")
_END = re.compile(r"\n(?=[^\s#])")
_MAX_ALONE = 500

# A stage's block as DVC writes it, or with its lists indented: single words, and metrics that Git
# keeps. Each line begins in one way only, so no text costs more than its length.
_WORDS = r"((?:    - {0}\n){{1,10000}}|(?:      - {0}\n){{1,10000}})"
_LIST = _WORDS.format(r"[\w./][\w./+\-]*+")
_USUAL = re.compile(
    r"  ([A-Za-z_][\w.@/\-]*+):\n    cmd: ([^ #\n][^\n]*+)\n"
    rf"(?:    deps:\n{_LIST})?(?:    params:\n{_LIST})?(?:    outs:\n{_LIST})?"
    r"(?:    metrics:\n((?:    - [\w./][\w./+\-]*+:\n        cache: false\n){1,10000}"
    r"|(?:      - [\w./][\w./+\-]*+:\n          cache: false\n){1,10000}))?\n*+",
    re.ASCII,
)
_KEPT = ":\ncache:false\n"


class PipelineTexts:
    """Loads `dvc.yaml` texts with a cache of the stages' blocks of lines."""

    def __init__(self) -> None:
        self._blocks: dict[str, tuple[str, Any]] = {}
        self._last = LastTexts[Any]()

    def load(self, text: str, file: str, work: WorkBudget | None = None) -> Any:
        """Return the file's data. Raises `InputError`; both as `load_yaml` does."""
        split = _split(text)
        if split is None:
            work = work or WorkBudget()
            data = self._last.known(text, work)
            if data is None:
                before = work.left
                data = load_yaml(text, file, work)
                self._last.keep(text, data, before - work.left)
            return data
        rest, blocks = split
        new = [block for block in blocks if block not in self._blocks]
        if len(new) <= min(_MAX_ALONE, len(blocks) // 2):
            data = self._assemble(rest, blocks, new, work)
            if data is not None:
                return data
        data = _read_usual(text, rest, blocks, work)
        if data is None:
            data = load_yaml(text, file, work)
        self._remember(data, blocks)
        return data

    def _assemble(
        self, rest: str, blocks: list[str], new: list[str], work: WorkBudget | None
    ) -> Any:
        """Assemble the data from known blocks; `None` if it might differ from `load_yaml`."""
        try:
            for block in new:
                parsed = load_yaml(block, "", work)
                if not isinstance(parsed, dict) or len(parsed) != 1:
                    return None
                self._blocks[block] = next(iter(parsed.items()))
            data = load_yaml(rest, "", work)
        except TooMuchWorkError:
            raise
        except InputError:
            return None
        stages: dict[str, Any] = {}
        for block in blocks:
            name, value = self._blocks[block]
            if name in stages:
                return None
            stages[name] = value
        if not isinstance(data, dict) or "stages" not in data:
            return None
        data["stages"] = stages
        return data

    def _remember(self, data: Any, blocks: list[str]) -> None:
        stages = data.get("stages") if isinstance(data, dict) else None
        if isinstance(stages, dict) and len(stages) == len(blocks):
            for block, item in zip(blocks, stages.items(), strict=True):
                self._blocks[block] = item


def _split(text: str) -> tuple[str, list[str]] | None:
    """Split off the stages' blocks; `None` if lines alone do not separate them."""
    start = _STAGES.search(text)
    if start is None or "\r" in text or has_references(text):
        return None
    # The search starts at the line end before: searching for line ends is fast.
    found = _END.search(text, start.end() - 1)
    end = found.end() if found else len(text)
    body, after = text[start.end() : end], text[end:]
    first = _FIRST.match(body)
    if first is None:
        return None
    indent = first["indent"]
    key = re.compile(rf"\n{indent}(?=[A-Za-z_])")
    starts = [match.start() for match in key.finditer(f"\n{body}")]
    blocks = [body[a:b] for a, b in zip(starts, [*starts[1:], len(body)], strict=True)]
    return f"{text[: start.end()]}{after}", blocks


def _read_usual(
    text: str, rest: str, blocks: list[str], work: WorkBudget | None
) -> dict[Any, Any] | None:
    """Read a file whose stages are all written as usual; `None` if it is for `load_yaml`.

    It counts as the same work.
    """
    values = most_values(text)
    work = work or WorkBudget()
    if values > work.limits.yaml_nodes or VALUE_STEPS * values > work.left:
        return None
    stages = _usual_stages(blocks) if text.replace("\n", "").isprintable() else None
    data = usual_yaml(rest) if stages is not None else None
    if data is None or data.get("stages", stages) is not None:
        return None
    work.spend(VALUE_STEPS * values, PARSING)
    data["stages"] = stages
    return data


def _usual_stages(blocks: list[str]) -> dict[Any, Any] | None:
    """Return the stages of blocks that are all written as usual, by name; `None` for others."""
    stages: dict[Any, Any] = {}
    try:
        for block in blocks:
            usual = _USUAL.fullmatch(block)
            if usual is None:
                return None
            name, cmd, deps, params, outs, metrics = usual.groups()
            stage: dict[Any, Any] = {"cmd": usual_value(cmd)}
            if deps:
                stage["deps"] = usual_words(deps)
            if params:
                stage["params"] = usual_words(params)
            if outs:
                stage["outs"] = usual_words(outs)
            if metrics:
                paths = metrics.replace(" ", "").replace(_KEPT, "\n")
                stage["metrics"] = [{path: {"cache": False}} for path in usual_words(paths)]
            stages[usual_value(name)] = stage
    except (ValueError, ArithmeticError):
        return None
    return stages if len(stages) == len(blocks) else None
