"""Parse the text of a `dvc.yaml`; stages with unchanged lines are not parsed again."""

import re
from typing import Any

from lineage_diff.errors import InputError
from lineage_diff.parsing.work_budget import LastText, TooMuchWorkError, WorkBudget
from lineage_diff.parsing.yaml_limits import has_references
from lineage_diff.parsing.yaml_loader import load_yaml

_STAGES = re.compile(r"^stages:[ ]*\n", re.MULTILINE)
_FIRST = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*(?P<indent> +)[A-Za-z_]")
_END = re.compile(r"\n(?=[^\s#])")
_MAX_ALONE = 500


class PipelineTexts:
    """Loads `dvc.yaml` texts with a cache of the stages' blocks of lines."""

    def __init__(self) -> None:
        self._blocks: dict[str, tuple[str, Any]] = {}
        self._last = LastText[Any]()

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
