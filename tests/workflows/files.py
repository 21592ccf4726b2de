"""Where the workflows are."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TO_COPY = sorted((ROOT / "docs" / "workflows").glob("*.yml"))
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
METADATA = ROOT / "action.yml"


def in_readme() -> str:
    """Return the workflow that the README shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## In a workflow.*?```yaml\n(.*?)```", text, re.DOTALL)
    assert block
    return block[1]
