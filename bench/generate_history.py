"""Make a Git repository with a long history of one DVC pipeline.

    python bench/generate_history.py FOLDER [--commits 5000] [--stages 100]

Ten stages make a chain from a file of data to a model. One commit in five brings new data and
another param for one of the chains, which runs again; the others edit what no stage depends on.
Written by `git fast-import`: nothing is run, and nothing is checked out.
"""

import argparse
import subprocess
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

CHAIN = 10
EVERY = 5
# 2023-11-14, and one commit each hour.
_FIRST, _STEP = 1_700_000_000, 3_600


def generate_history(folder: Path, commits: int, stages: int = 100) -> None:
    """Write the repository into `folder`, with that many commits on its branch `main`."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    importing = ["git", "-C", str(folder), "fast-import", "--quiet"]
    with subprocess.Popen(importing, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for part in _stream(commits, stages):
            process.stdin.write(part)
    if process.returncode:
        raise SystemExit(f"git fast-import: exit code {process.returncode}")


def model(chain: int) -> str:
    """Return the path of the model that a chain ends in."""
    return f"models/m{chain:03}.pkl"


def source(chain: int) -> str:
    """Return the path of the data that a chain begins with."""
    return f"data/d{chain:03}.csv"


def _stream(commits: int, stages: int) -> Iterator[bytes]:
    ran = [0] * (stages // CHAIN)
    for number in range(commits):
        if number == 0:
            files = {".dvc/config": "", "dvc.yaml": _pipeline(stages), "dvc.lock": _lock(ran)}
        elif number % EVERY == 0:
            ran[number // EVERY % len(ran)] += 1
            files = {"dvc.lock": _lock(ran)}
        else:
            files = {"README.md": f"{number}\n"}
        message = f"Commit {number}"
        when = _FIRST + _STEP * number
        yield f"commit refs/heads/main\ncommitter A <a@example.com> {when} +0000\n".encode()
        yield f"data {len(message)}\n{message}\n".encode()
        for path, text in files.items():
            yield f"M 644 inline {path}\ndata {len(text)}\n{text}\n".encode()
        yield b"\n"


def _pipeline(stages: int) -> str:
    rows = ["stages:\n"]
    for number in range(stages):
        dep, out = _paths(number)
        rows.append(
            f"  s{number:04}:\n    cmd: python src/s{number:04}.py\n"
            f"    deps:\n    - {dep}\n    - src/s{number:04}.py\n"
            f"    params:\n    - rate{number // CHAIN}\n    outs:\n    - {out}\n"
        )
    return "".join(rows)


def _lock(ran: list[int]) -> str:
    rows = ["schema: '2.0'\nstages:\n"]
    for number in range(len(ran) * CHAIN):
        chain, (dep, out) = number // CHAIN, _paths(number)
        script = f"src/s{number:04}.py"
        rows.append(
            f"  s{number:04}:\n    cmd: python {script}\n"
            f"    deps:\n{_item(dep, ran[chain])}{_item(script, 0)}"
            f"    params:\n      params.yaml:\n        rate{chain}: {ran[chain]}\n"
            f"    outs:\n{_item(out, ran[chain])}"
        )
    return "".join(rows)


def _paths(number: int) -> tuple[str, str]:
    """Return what a stage depends on besides its script, and what it makes."""
    chain, step = divmod(number, CHAIN)
    dep = f"out/s{number - 1:04}.bin" if step else source(chain)
    return dep, model(chain) if step == CHAIN - 1 else f"out/s{number:04}.bin"


def _item(path: str, version: int) -> str:
    digest = md5(f"{path} {version}".encode(), usedforsecurity=False).hexdigest()
    return f"    - path: {path}\n      hash: md5\n      md5: {digest}\n      size: 1000\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commits", type=int, default=5_000)
    parser.add_argument("--stages", type=int, default=100)
    given = parser.parse_args()
    generate_history(given.folder, given.commits, given.stages)
