"""The commands that our pages show, and why some of them cannot be run here."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "tests/*.md", "bench/*.md")
    for path in ROOT.glob(pattern)
)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SHELLS = ("sh", "bash", "shell", "console")

INDEX = "installs from the package index: tests/packaging runs the installed package"
STORE = "needs the released image, and a signature: a release makes both"
# By the beginning of a command.
NOT_RUN = {
    "uv tool install ": INDEX,
    "pip install 'lineage-diff[": INDEX,
    "python3 -m venv ~/lineage-diff ": INDEX,
    "python -m venv datahub ": "installs DataHub's command: tests/catalog/test_datahub.py runs it",
    "lineage-diff export --to datahub --send": "needs DataHub, as the next",
    "datahub ingest ": "needs DataHub's command: tests/catalog/test_datahub.py runs it",
    "uvx lineage-diff demo": "made the repository that the other commands run in",
    "make demo": "installs from the package index: tests/test_demo.py makes the same demo",
    "(echo 'silence:'; lineage-diff status --format json | jq": "needs jq",
    "git ls-remote origin 'refs/lineage-diff/*'": "needs a server, and removes from it",
    "docker run ": "needs a container engine: tests/container runs the image",
    "docker build ": "needs a container engine: tests/container builds the image",
    "cosign ": STORE,
    "OPENLINEAGE_URL=": "needs a consumer: tests/catalog/test_openlineage.py has one",
    "for request in alation/*.json": "needs a server of Alation",
    "lineage-diff index --to s3://": "needs an object store: tests/organization has one",
    "lineage-diff index https://": "needs GitHub: tests/organization has repositories by address",
    "lineage-diff index --repos": "needs Azure or a cluster: tests/organization has such a list",
    "lineage-diff org ": "needs tables of several repositories: tests/organization has them",
    "lineage-diff gate models:/churn/3": "needs an MLflow server: tests/mlflow has a real one",
    "lineage-diff mlflow tag": "needs an MLflow server: tests/mlflow has a real one",
    "git clone --depth 1 https://github.com/iterative/dvc ": "needs GitHub, and takes an hour",
    "pytest tests/func --basetemp=/tmp/left": "runs DVC's own tests, and takes an hour",
    "make -C ../lineage-diff oracle REPOS=": "needs what DVC's own tests left",
}


def commands(page: Path) -> list[str]:
    """Return the commands in the blocks of a page, in their order, without comments."""
    found: list[str] = []
    for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind in _SHELLS:
            found += _commands_of(text, with_prompt=kind == "console")
    return found


def _commands_of(text: str, *, with_prompt: bool) -> Iterator[str]:
    """Yield each command: a line, with those that continue it. Without a prompt it is output."""
    begun = ""
    for line in text.splitlines():
        if with_prompt and not begun:
            if not line.startswith("$ "):
                continue
            line = line[2:]
        begun += line
        if line.endswith("\\") or (begun.startswith("for ") and line != "done"):
            begun += "\n"
            continue
        command = re.sub(r" +# .*$", "", begun)
        if command.strip() and not command.startswith("#"):
            yield command
        begun = ""
    assert not begun, f"a command without an end: {begun}"
