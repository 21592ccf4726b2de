"""What is wrong with a commit's DVC files: found while reading, reported as findings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read as DVC would, or not in part.

    `rule` names the rule that reports it (`invalid-pipeline`, `duplicate-key`, `lock-conflict`,
    `overlapping-outs`, `cycle`, `legacy-lock`, …), `message` says what, `mend` how to mend it.
    `pipeline` is the file whose stages are missing because of it, `None` when nothing is missing.
    `line` counts from 1.
    """

    rule: str
    file: str
    message: str
    mend: str
    line: int | None = None
    pipeline: str | None = None
