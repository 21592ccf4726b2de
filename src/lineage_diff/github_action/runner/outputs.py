"""Write a step's outputs and the job's summary: files that the runner reads when the step ends.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#multiline-strings
https://docs.github.com/actions/reference/workflow-commands-for-github-actions#adding-a-job-summary
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

# In bytes. Other steps get a value through the environment, with at most 128 KiB per variable.
LIMIT = 100 * 1024


def write_outputs(path: str, outputs: Mapping[str, str]) -> None:
    """Append outputs to `GITHUB_OUTPUT`, each with a random delimiter.

    Raises `ValueError` for a value that is too long.
    """
    blocks = []
    for name, value in outputs.items():
        if len(value.encode()) > LIMIT:
            raise ValueError(f"the output {name} is too long")
        end = f"ghadelimiter_{secrets.token_hex(16)}"
        blocks.append(f"{name}<<{end}\n{value}\n{end}\n")
    with Path(path).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write("".join(blocks))


# In bytes per step; GitHub drops a longer summary entirely.
SUMMARY_LIMIT = 1024 * 1024


def write_summary(path: str, text: str) -> None:
    """Append Markdown to `GITHUB_STEP_SUMMARY`. Raises `ValueError` if it is too long."""
    file = Path(path)
    data = text.encode()
    there = file.stat().st_size if file.exists() else 0
    if there + len(data) > SUMMARY_LIMIT:
        raise ValueError(f"{there + len(data)} bytes are too many for a job summary")
    with file.open("ab") as stream:
        stream.write(data)
