"""The job's summary: a file that the runner reads when the step ends.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#adding-a-job-summary
"""

from pathlib import Path

# In bytes for each step; a longer one is dropped whole.
LIMIT = 1024 * 1024


def write_summary(path: str, text: str) -> None:
    """Append Markdown to `GITHUB_STEP_SUMMARY`. Raises `ValueError` where it would be dropped."""
    file = Path(path)
    data = text.encode()
    there = file.stat().st_size if file.exists() else 0
    if there + len(data) > LIMIT:
        raise ValueError(f"{there + len(data)} bytes are too many for a job summary")
    with file.open("ab") as stream:
        stream.write(data)
