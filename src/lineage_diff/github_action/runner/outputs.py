"""The outputs of a step: a file that the runner reads when the step ends.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#multiline-strings

The job's summary: a file that the runner reads when the step ends.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#adding-a-job-summary
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

# In bytes. A value goes on to other steps by the environment, which holds 128 KiB a variable.
LIMIT = 100 * 1024


def write_outputs(path: str, outputs: Mapping[str, str]) -> None:
    """Append outputs to `GITHUB_OUTPUT`, each under a delimiter that nobody can guess.

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


# In bytes for each step; a longer one is dropped whole.
SUMMARY_LIMIT = 1024 * 1024


def write_summary(path: str, text: str) -> None:
    """Append Markdown to `GITHUB_STEP_SUMMARY`. Raises `ValueError` where it would be dropped."""
    file = Path(path)
    data = text.encode()
    there = file.stat().st_size if file.exists() else 0
    if there + len(data) > SUMMARY_LIMIT:
        raise ValueError(f"{there + len(data)} bytes are too many for a job summary")
    with file.open("ab") as stream:
        stream.write(data)
