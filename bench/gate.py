"""Time `gate` with many stages and many tags of the registry.

    python bench/gate.py [--stages 1000] [--tags 1000]

The version in `prod` is compared with the one that was there before it, so two commits are read.
Whole processes, start-up included. Keeps the result in bench/RESULTS.md. Exit code 1 when `gate`
takes a second or more.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate import generate
from bench.measure import in_turn, keep, ours

_WANTED = 1.0
_ARTIFACT = "artifacts:\n  churn: {path: models/c00000.pkl, type: model}\n"
_WHO = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0")


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--stages", type=int, default=1_000)
    parser.add_argument("--tags", type=int, default=1_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo = Path(folder) / "repo"
        generate(repo, given.stages)
        _register(repo, given.tags)
        (cost,) = in_turn([ours("gate", "churn#prod", repo=repo)], repo, given.repeat)
    text = "\n".join(
        (
            f"{given.stages:,} stages, {given.tags:,} tags.",
            "",
            "| Command | seconds | seconds of the processor | peak memory |",
            "|:--|--:|--:|--:|",
            f"| `gate churn#prod` | **{cost.seconds:.2f}** | {cost.processor:.2f} | "
            f"{cost.megabytes:.0f} MB |",
        )
    )
    print(text)
    keep("gate", text)
    return int(cost.seconds >= _WANTED)


def _register(repo: Path, tags: int) -> None:
    """Name a model, and tag its two commits in turn: versions, and then their stages."""
    for rev in ("HEAD~1", "HEAD"):
        _git(repo, "checkout", "-q", "--detach", rev)
        file = repo / "dvc.yaml"
        file.write_text(_ARTIFACT + file.read_text(encoding="utf-8"), encoding="utf-8")
        _git(repo, *_WHO, "commit", "-q", "-a", "-m", "a name")
        _git(repo, "branch", "-f", "base" if rev != "HEAD" else "head")
        _git(repo, "checkout", "-q", "main")
    _git(repo, "merge", "-q", "--ff-only", "head")
    _git(repo, "fast-import", "--quiet", given="".join(_tags(tags)))


def _tags(count: int) -> Iterator[str]:
    for number in range(count):
        version, stage = divmod(number, 2)
        name = f"churn#prod#{number}" if stage else f"churn@v{version}.0.0"
        rev = "head" if version % 2 else "base"
        who = f"Bench <bench@example.com> {1_700_000_000 + number} +0000"
        yield f"tag {name}\nfrom refs/heads/{rev}\ntagger {who}\ndata 1\nx\n"


def _git(repo: Path, *arguments: str, given: str | None = None) -> None:
    subprocess.run(("git", *arguments), cwd=repo, input=given, text=True, check=True)


if __name__ == "__main__":
    sys.exit(main())
