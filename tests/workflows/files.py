"""Where the workflows are, and the linters that know them."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TO_COPY = sorted((ROOT / "docs" / "workflows").glob("*.yml"))
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
METADATA = ROOT / "action.yml"
NATIVE = ROOT / "native" / "action.yml"
BIN = Path(sys.executable).parent


def in_readme() -> str:
    """Return the workflow that the README shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## In a workflow.*?```yaml\n(.*?)```", text, re.DOTALL)
    assert block
    return block[1]


def lint(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a linter of the development extras; what came of it."""
    command = [str(BIN / tool), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
