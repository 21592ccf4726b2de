"""Commits with more in them than any process has room for: refused by file, before it is built."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.hostile import runs
from tests.hostile.runs import pull_request, run

MIB = 1 << 20
# Of the bytes that a usual stage takes, half.
LONG = "x" * 400


def repeated(item: str, size: int) -> str:
    """Return `item` with numbers in the place of `#`, until there is enough of it."""
    return "".join(item.replace("#", str(number)) for number in range(size // len(item)))


# Made in the test: each is of many megabytes.
LARGE: dict[str, tuple[Callable[[], Mapping[str, str]], str]] = {
    "stages": (
        lambda: {
            f"p{number}/dvc.yaml": "stages:\n"
            + repeated(f"  s{number}-#:\n    cmd: {LONG}\n", 12 * MIB)
            for number in range(2)
        },
        "stages, where the commit has 29,",
    ),
    "stages of few bytes": (
        lambda: {"dvc.yaml": "stages:\n" + repeated("  s#:\n    cmd: x\n", MIB)},
        # 6,000, and one for each 400 bytes.
        "stages, where the commit has 9,",
    ),
    "stages of copies": (
        lambda: {
            f"p{number}/dvc.yaml": "stages:\n" + repeated("  s#:\n    cmd: x\n", MIB // 20)
            for number in range(4)
        },
        "stages, where the commit has 3,066 left",
    ),
    "stages of a lock": (
        lambda: {
            "dvc.lock": "schema: '2.0'\nstages:\n" + repeated("  s#: x\n", MIB),
            "dvc.yaml": "stages: {}\n",
        },
        "stages, where the commit has 9,",
    ),
    "stages in flow style": (
        lambda: {"dvc.yaml": "stages: {" + repeated("s#: {cmd: x}, ", 11 * MIB) + "}\n"},
        "dvc.yaml: more than 1,500,000 values",
    ),
    "stages of many files": (
        lambda: {
            f"p{number}/dvc.yaml": "stages:\n  s:\n"
            f"    matrix: {{a: {list(range(100))}, b: {list(range(250))}}}\n    cmd: x\n"
            for number in range(4)
        },
        "would generate 25,000 stages, more than the 6,00",
    ),
    "generated stages": (
        lambda: {
            "dvc.yaml": "stages:\n  s:\n    foreach:\n"
            + repeated("    - #\n", MIB)
            + "    do: {cmd: x}\n"
        },
        "`s` would generate 131,072 stages",
    ),
    "outs": (
        lambda: {"a.dvc": "outs:\n" + repeated("- path: a#\n", 2 * MIB)},
        "outs, over the limit of 100,000",
    ),
    "outs of many files": (
        lambda: {
            f"{n}.dvc": "outs:\n" + "".join(f"- path: a{n}-{out}\n" for out in range(10_000))
            for n in range(5)
        },
        "9,984 outs beyond 16 of each stage, where 64 of the 40,000 of a commit are left",
    ),
    "outs of one stage": (
        lambda: {
            "dvc.yaml": "stages:\n  s:\n    cmd: x\n    outs:\n"
            + "".join(f"    - a{out}\n" for out in range(50_000))
        },
        "49,984 outs beyond 16 of each stage",
    ),
    "outs of many stages": (
        lambda: {
            f"p{n}/dvc.yaml": "stages:\n"
            + repeated(f"  s#: {{cmd: {LONG}, outs: [a, b, c, d, e, f, g, h, i, j]}}\n", MIB)
            for n in range(2)
        },
        "outs of stages, where the commit has ",
    ),
    "artifacts": (
        lambda: {
            "dvc.yaml": "artifacts:\n"
            + "".join(f"  a{number}:\n    path: m{number}\n" for number in range(40_001))
        },
        "40,001 artifacts, where 40,000 of the 40,000 of a commit are left",
    ),
    "a pipeline": (lambda: {"dvc.yaml": "# x\n" * (5 * MIB)}, "over the limit of 16,777,216"),
    "locks": (
        lambda: (
            {f"p{number}/dvc.lock": f"# {number}\n" + "#" * (50 * MIB) for number in range(6)}
            | {f"p{number}/dvc.yaml": "stages: {}\n" for number in range(6)}
        ),
        "all DVC files before it hold 134,217,728 bytes",
    ),
    "params": (lambda: {"params.yaml": repeated("k#: 1\n", 9 * MIB)}, "larger than 8 MiB"),
}


@pytest.mark.parametrize("name", sorted(LARGE))
def test_more_than_there_is_room_for(tmp_path: Path, name: str) -> None:
    repo = pull_request(tmp_path)
    make, told = LARGE[name]
    for path, text in make().items():
        repo.write(path, text)
    repo.commit()
    ended = run(repo, "compare", "main", "hostile", "--format", "json")
    assert told in ended.out + ended.err


def test_too_little_memory_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = pull_request(tmp_path)
    repo.write("dvc.yaml", "stages:\n" + repeated(f"  s#:\n    cmd: {LONG}\n", 14 * MIB))
    repo.commit()
    monkeypatch.setattr(runs, "MEMORY", 200 * MIB)
    ended = run(repo, "compare", "main", "hostile", "--format", "json")
    assert ended.status == 2
    assert ended.err.startswith("lineage-diff: error: out of memory: ")
    assert ended.err.count("\n") == 1
