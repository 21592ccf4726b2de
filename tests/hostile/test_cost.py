"""Small commits that cost much: counted in steps where work is done, and refused in one line."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import md5
from pathlib import Path

import pytest

from lineage_diff import limits
from lineage_diff.cli.main import main
from lineage_diff.dvc.metrics_and_params import pick
from lineage_diff.limits import USUAL
from lineage_diff.parsing.ignore_patterns import parse_ignore
from lineage_diff.parsing.work_budget import PARSING, RUNS, TooMuchWorkError, WorkBudget
from tests.hostile.runs import PIPELINE, pull_request, run, run_all
from tests.support.git_repo import GitRepo, git_environment
from tests.support.reports import chained

Make = Callable[[], Mapping[str, str]]

NOTHING = "ab" * 16
DEEP = "/".join(["a"] * 60)
STARS = "**/" * 500 + "*a" * 200
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
MANY_VALUES = "".join(f"k{number}: 1\n" for number in range(500_000))


def lock(deps: str, more: str = "") -> str:
    return (
        "schema: '2.0'\nstages:\n  train:\n    cmd: x\n    deps:\n"
        + "".join(
            f"    - path: {dep}\n      hash: md5\n      md5: {NOTHING}{more}\n      size: 1\n"
            for dep in deps.split()
        )
        + "    outs:\n    - path: model.pkl\n      hash: md5\n"
        + f"      md5: {NOTHING}\n      size: 1\n"
    )


def pipeline(deps: str = "", params: str = "") -> str:
    return (
        "stages:\n  train:\n    cmd: x\n    outs: [model.pkl]\n"
        + (f"    deps: [{', '.join(deps.split())}]\n" if deps else "")
        + (f"    params: [{params}]\n" if params else "")
    )


def hostile(path: Path, files: Mapping[str, str]) -> GitRepo:
    """Return a repository whose branch `hostile` adds the files; no work tree is written."""
    repo = pull_request(path)
    commit = ["commit refs/heads/hostile\ncommitter A <a@b> 1700000009 +0000\ndata 1\nx\n"]
    commit.append("from refs/heads/main^0\n")
    for name, text in files.items():
        commit.append(f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n")
    repo.git("fast-import", "--quiet", "--force", stdin="".join(commit).encode())
    return repo


MANY = [f"m{number}.pt" for number in range(12_000)]
DEPS = " ".join(f"{DEEP}/x{number}.csv" for number in range(300))
# Made in the test: some are of many megabytes.
HELD: dict[str, Make] = {
    "rules of many segments": lambda: {
        ".gitignore": f"{STARS}\n" * 1_900,
        "dvc.yaml": pipeline(DEPS),
        "dvc.lock": lock("train.py"),
    },
    "rules on a folder of many files": lambda: (
        {
            ".dvcignore": "".join(f"x{number}*y\n" for number in range(1_900)),
            "dvc.yaml": pipeline("src"),
            "dvc.lock": lock("src", ".dir"),
        }
        | {f"src/f{number}": "" for number in range(20_000)}
    ),
    "an ignore file in each of many folders": lambda: (
        {f"{'/'.join(['a'] * depth)}/.gitignore": "x*y\n" * 20 for depth in range(1, 300)}
        | {"dvc.yaml": pipeline(" ".join(f"{'a/' * 299}x{number}" for number in range(20)))}
    ),
    "a pipeline 1,200 folders deep": lambda: {"a/" * 1_200 + "dvc.yaml": PIPELINE},
    "an ignored folder 1,200 folders deep": lambda: {
        "a/" * 1_200 + ".dvcignore": "*\n",
        "a/" * 1_200 + "x": "",
        "dvc.yaml": pipeline("a"),
        "dvc.lock": lock("a", ".dir"),
    },
    "a key of many parts": lambda: {"dvc.yaml": pipeline(params=".".join(["a"] * 400_000))},
    "many keys of many parts": lambda: {
        "dvc.yaml": pipeline(
            params=", ".join(".".join([f"a{n}", *["a"] * 5_000]) for n in range(20))
        )
    },
}
HELD["thousands of variables without an end"] = lambda: {
    "dvc.yaml": f"stages:\n  s:\n    cmd: '{'${' * 100_000}'\n    outs: [m.pt]\n"
}
HELD["scripts that each import the other ones"] = lambda: (
    {f"m{n}.py": "".join(f"import m{m}\n" for m in range(600)) for n in range(190)}
    | {
        "dvc.yaml": "stages:\n"
        + "".join(f"  s{n}: {{cmd: python m{n}.py, outs: [o{n}.pt]}}\n" for n in range(190))
    }
)
HELD["thousands of models of one stage"] = lambda: {
    "dvc.yaml": f"stages:\n  a:\n    cmd: x\n    outs: [{', '.join(MANY)}]\n"
    f"  b:\n    cmd: x\n    deps: [{', '.join(MANY)}]\n    outs: [last.pt]\n"
}


def filled() -> str:
    """Return a pipeline of which every stage has the same long value in its command."""
    stages = "".join(f"  s{number}:\n    cmd: echo ${{big}}\n" for number in range(2_000))
    return f"vars: [big: {'x' * 100_000}]\nstages:\n{stages}"


REFUSED: dict[str, tuple[Make, str]] = {
    "globs with no plain end": (
        lambda: (
            {".dvcignore": "".join(f"*{number}*{number}*\n" for number in range(1_900))}
            | {f"src/{number}{'x' * 30}": "" for number in range(20_000)}
            | {"dvc.yaml": pipeline("src"), "dvc.lock": lock("src", ".dir")}
        ),
        "matching paths against the ignore rules takes more work",
    ),
    "copies of a pipeline": (
        lambda: {f"p{number}/dvc.yaml": PIPELINE for number in range(50_000)},
        "putting together the stages of all pipelines takes more work",
    ),
    "copies of a pipeline that DVC fills in": (
        lambda: {
            f"p{number}/dvc.yaml": f"datasets: []\nvars: [a: 1]\n{PIPELINE}"
            for number in range(5_000)
        },
        "putting together the stages of all pipelines takes more work",
    ),
    "a long value in every stage": (
        lambda: {"dvc.yaml": filled()},
        "filling the values of variables into the texts of stages takes more work",
    ),
    "a long value in every stage of a foreach": (
        lambda: {
            "dvc.yaml": f"vars: [big: {'x' * 30_000}]\nstages:\n  s:\n    foreach: "
            f"{list(range(2_000))}\n    do: {{cmd: 'echo ${{big}} ${{item}}'}}\n"
        },
        "filling the values of variables into the texts of stages takes more work",
    ),
    "a long value many times, for DVC to fill in": (
        lambda: {"dvc.yaml": f"datasets: []\n{filled()}"},
        "filling the values of variables into the texts of stages takes more work",
    ),
    "thousands of expressions for DVC to parse": (
        lambda: {
            "dvc.yaml": f"datasets: []\nvars: [v: 1]\nstages:\n  s:\n    cmd: x"
            f"{''.join(f' ${{v{n}}}' for n in range(60_000))}\n"
        },
        "filling the values of variables into the texts of stages takes more work",
    ),
    "thousands of variables without an end, for DVC to look for": (
        lambda: {"dvc.yaml": f"datasets: []\nstages:\n  s:\n    cmd: '{'${' * 100_000}'\n"},
        "filling the values of variables into the texts of stages takes more work",
    ),
    "variables without an end in thousands of stages, for DVC to look for": (
        lambda: {
            "dvc.yaml": "datasets: []\nstages:\n  s:\n    foreach: "
            f"{list(range(3_000))}\n    do: {{cmd: '{'${' * 1_000}', vars: [a: 1]}}\n"
        },
        "filling the values of variables into the texts of stages takes more work",
    ),
    "thousands of projects": (
        lambda: {f"p{number}/.dvc/config": "" for number in range(11_000)},
        "reading the settings of all DVC projects takes more work",
    ),
    "settings that only DVC's schema reads": (
        lambda: {
            f"p{number}/.dvc/config": "[core]\n  remote = 'a b'\n" + "# x\n" * 16_000
            for number in range(40)
        },
        "reading the settings of all DVC projects takes more work",
    ),
    "ignore patterns that DVC compiles": (
        lambda: {
            f"p{folder}/.dvcignore": "".join(f"a/[{n}]{'*?[a]' * 90}\n" for n in range(1_900))
            for folder in range(3)
        },
        "matching paths against the ignore rules takes more work",
    ),
    "long paths": (
        lambda: {"dvc.yaml": pipeline(" ".join(f"{'a/' * 1_500}x{n}" for n in range(1_000)))},
        "following the folders of all paths that stages name takes more work",
    ),
}
UNKNOWN: dict[str, tuple[Make, str]] = {
    "a metrics file in hundreds of folders": (
        lambda: (
            {f"p{number}/v.yaml": MANY_VALUES[:40_000] for number in range(600)}
            | {
                f"p{number}/dvc.yaml": "stages:\n  s:\n    cmd: x\n    outs: [m.pt]\n"
                "    metrics: [v.yaml: {cache: false}]\n"
                for number in range(600)
            }
        ),
        "reading all the files of a commit that hold values takes more work",
    ),
    "folders in folders": (
        lambda: (
            {f"{'a/' * 200}f{number}": str(number) for number in range(4_000)}
            | {
                "dvc.yaml": pipeline(" ".join("/".join(["a"] * n) for n in range(1, 201))),
                "dvc.lock": lock(" ".join("/".join(["a"] * n) for n in range(1, 201)), ".dir"),
            }
        ),
        "listing the files of the folders that stages depend on takes more work",
    ),
    "values of many files": (
        lambda: (
            {f"params{number}.yaml": f"z{number}: 1\n{MANY_VALUES}" for number in range(6)}
            | {
                "dvc.yaml": pipeline(
                    params=", ".join(f"{{params{n}.yaml: [k1]}}" for n in range(6))
                )
            }
        ),
        "reading all the files of a commit that hold values takes more work",
    ),
    "keys with globs": (
        lambda: {
            "p.yaml": "".join(f"k{number}: {{a: 1}}\n" for number in range(100_000)),
            "dvc.yaml": pipeline(
                params=f"{{p.yaml: [{', '.join(f'k*{n}.*' for n in range(2_000))}]}}"
            ),
        },
        "looking up the params that stages name takes more work",
    ),
    "keys with globs in a file that is shown whole": (
        lambda: {
            "params.yaml": "".join(f"k{number}: {{a: 1}}\n" for number in range(100_000)),
            "dvc.yaml": pipeline(params=", ".join(f"k*{n}.*" for n in range(2_000))),
        },
        "looking up the params that stages name takes more work",
    ),
    "a long key above many": (
        lambda: {
            "params.yaml": f"? {'k' * 20_000}\n: "
            + "\n  ".join(f"k{number}: 1" for number in range(20_000)),
            "dvc.yaml": pipeline(params="k1"),
        },
        "nested too deep",
    ),
}


@pytest.mark.parametrize("name", sorted(HELD))
def test_what_costs_little_is_answered(tmp_path: Path, name: str) -> None:
    repo = hostile(tmp_path, HELD[name]())
    for command in (("compare", "main", "hostile"), ("status", "hostile")):
        assert run(repo, *command).status in (0, 1)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_costs_too_much_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    make, told = REFUSED[name]
    ended = run(hostile(tmp_path, make()), "compare", "main", "hostile")
    assert ended.status == 2
    assert told in ended.err
    assert ended.err.count("\n") == 1
    assert not ended.out


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_what_is_not_looked_at_is_unknown(tmp_path: Path, name: str) -> None:
    make, told = UNKNOWN[name]
    ended = run(hostile(tmp_path, make()), "compare", "main", "hostile", "--format", "json")
    assert ended.status != 2
    assert told in ended.out
    assert "fresh" not in {model["freshness"] for model in json.loads(ended.out)["models"]}


def test_a_tree_of_trees_is_not_listed_to_its_end(tmp_path: Path) -> None:
    repo = pull_request(tmp_path)
    root = tree_bomb(repo, 9)
    repo.git("update-ref", "refs/heads/hostile", repo.git("commit-tree", root, "-m", "x"))
    for command in (("compare", "--direct", "main", "hostile"), ("status", "hostile")):
        ended = run(repo, *command)
        assert ended.status == 2
        assert "holds more than" in ended.err


@pytest.mark.parametrize("command", [("compare", "main", "hostile"), ("status", "hostile")])
def test_the_bounds_of_the_listing_are_those_of_the_configuration(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    repo = pull_request(tmp_path)
    repo.git("checkout", "-q", "main")
    repo.write(".github/lineage-diff.yml", "limits: {tree-paths: 3}\n")
    repo.commit()
    repo.git("branch", "-f", "hostile")
    ended = run(repo, *command)
    assert ended.status == 2
    assert "holds more than 3 files and folders" in ended.err


def test_a_rule_costs_its_own_names_and_no_path_twice() -> None:
    work = WorkBudget()
    rules = parse_ignore("".join(f"x{n}*y\n/z{n}/**/a\n" for n in range(1_000)), "", work=work)
    before = work.left
    for number in range(2_000):
        assert not rules.ignores(f"{DEEP}/f{number}", False)
    # Less than a hundred steps for each path, where rules by segments are 120,000.
    assert before - work.left < 100 * 2_000


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_keys_cost_their_characters(count: int) -> None:
    work = WorkBudget()
    keys = [f"a{number}.b" for number in range(count)]
    assert pick({f"a{number}": {"b": 1} for number in range(count)}, keys, work)
    assert USUAL.work_steps - work.left == sum(map(len, keys))


def test_what_is_refused_is_not_counted() -> None:
    work = WorkBudget()
    with pytest.raises(TooMuchWorkError, match="work-steps"):
        work.spend(USUAL.work_steps + 1, "it")
    work.spend(USUAL.work_steps, "it")


@pytest.mark.parametrize("form", ["terminal", "markdown", "mermaid", "html"])
def test_a_report_of_a_long_chain(tmp_path: Path, form: str) -> None:
    repo = GitRepo(tmp_path)
    repo.write("report.json", json.dumps(chained(60_000)))
    assert run(repo, "show", "report.json", "--format", form).out


def test_a_long_chain_of_stale_stages(tmp_path: Path) -> None:
    numbers = range(5_000)
    stages = "".join(
        f"  s{n}:\n    cmd: x\n    deps: [m{n}.bin]\n    outs: [m{n + 1}.bin]\n" for n in numbers
    )
    entries = "".join(
        f"  s{n}:\n    cmd: x\n    deps:\n    - path: m{n}.bin\n      md5: {NOTHING}\n"
        f"    outs:\n    - path: m{n + 1}.bin\n      md5: {NOTHING}\n"
        for n in numbers
    )
    files = {
        "dvc.yaml": f"stages:\n{stages}",
        "dvc.lock": f"schema: '2.0'\nstages:\n{entries}",
        "m0.bin": "x\n",
    }
    assert run(hostile(tmp_path, files), "compare", "main", "hostile").status == 0


def test_a_long_chain_of_stages_that_become_unknown(tmp_path: Path) -> None:
    numbers = range(3_000)
    hashes = [md5(b"x\n").hexdigest(), *(f"{n:032x}" for n in numbers)]
    stages = "".join(
        f"  s{n}:\n    cmd: x\n    deps: [m{n}.pt]\n    outs: [m{n + 1}.pt]\n" for n in numbers
    )
    entries = "".join(
        f"  s{n}:\n    cmd: x\n    deps:\n"
        f"    - {{path: m{n}.pt, hash: md5, md5: '{hashes[n]}', size: 2}}\n    outs:\n"
        f"    - {{path: m{n + 1}.pt, hash: md5, md5: '{hashes[n + 1]}', size: 2}}\n"
        for n in numbers
    )
    files = {
        "dvc.yaml": f"stages:\n{stages}",
        "dvc.lock": f"schema: '2.0'\nstages:\n{entries}",
        "m0.pt": "x\n",
    }
    repo = hostile(tmp_path, files)
    repo.git("update-ref", "refs/heads/before", "hostile")
    commit = "commit refs/heads/hostile\ncommitter A <a@b> 1700000010 +0000\ndata 1\nx\n"
    commit += f"from refs/heads/before^0\nM 100644 inline m0.pt\ndata {len(POINTER)}\n{POINTER}\n"
    repo.git("fast-import", "--quiet", stdin=commit.encode())
    ended = run(repo, "compare", "before", "hostile", "--format", "json")
    lost = [f for f in json.loads(ended.out)["findings"] if f["rule"] == "freshness-lost"]
    assert ended.status == 1
    assert len(lost) == len(numbers)


@pytest.mark.parametrize("make", ["pipe", "socket"])
@pytest.mark.parametrize("file", ["dvc.yaml", "dvc.lock", ".gitignore", "sub/.gitignore"])
def test_what_is_no_file_in_the_work_tree(tmp_path: Path, file: str, make: str) -> None:
    repo = pull_request(tmp_path)
    repo.write("dvc.lock", lock("train.py"))
    repo.write("sub/x", "")
    repo.commit()
    path = repo.path / file
    path.unlink(missing_ok=True)
    if make == "pipe":
        os.mkfifo(path)
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(path))
    ended = run(repo, "lint")
    if make == "pipe" or file.startswith("dvc"):
        assert ended.status == 2
        assert f"{file}: a pipe, a socket or a device, which is not read" in ended.err


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children")
    return [int(number) for number in found.read_text().split()] if found.exists() else []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no processes to look at")
def test_git_ends_with_us(tmp_path: Path) -> None:
    repo = pull_request(tmp_path)
    os.mkfifo(repo.path / ".gitignore")
    process = subprocess.Popen(
        (sys.executable, "-m", "lineage_diff", "lint"),
        cwd=repo.path,
        env=git_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # Git lists the work tree, and waits for the pipe.
    found: list[int] = []
    while process.poll() is None and not any(_waits(child) for child in found):
        found = children(process.pid)
    assert found
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 128 + signal.SIGTERM
    assert not any(Path(f"/proc/{child}").exists() for child in found)


def _waits(process: int) -> bool:
    try:
        return b"ls-files" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def test_every_command_on_the_deepest_tree(tmp_path: Path) -> None:
    repo = hostile(tmp_path, {"a/" * 1_200 + "dvc.yaml": PIPELINE})
    run_all(repo, (("audit", "--rev", "hostile"), ("compare", "main", "hostile")))


def tree_bomb(repo: GitRepo, depth: int) -> str:
    """Write a tree of ten trees of ten trees; return a root of it beside the files of main."""
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"x\n")
    entries = "".join(f"100644 blob {blob}\tf{number}\n" for number in range(10))
    for _ in range(depth):
        tree = repo.git("mktree", stdin=entries.encode())
        entries = "".join(f"040000 tree {tree}\td{number}\n" for number in range(10))
    return repo.git("mktree", stdin=(repo.git("ls-tree", "main") + "\n" + entries).encode())


def bomb_before(repo: GitRepo) -> None:
    """Let `hostile` be as main is, after a commit that held a tree bomb."""
    bomb = repo.git("commit-tree", tree_bomb(repo, 9), "-p", "main", "-m", "x")
    repo.git(
        "update-ref",
        "refs/heads/hostile",
        repo.git("commit-tree", "main^{tree}", "-p", bomb, "-m", "y"),
    )


STARTER = """
import os, signal, subprocess, sys
from lineage_diff import child_processes
child_processes.leave_on_sigterm()
child = child_processes.start_child(["sleep", "60"], own_session=OWN)
print(child.pid, flush=True)
END
"""
ENDS = {
    "return": "",
    "exception": "raise ValueError",
    "exit": "sys.exit(1)",
    "signal": "os.kill(os.getpid(), signal.SIGTERM); signal.pause()",
    "signal while another one starts": """
start = child_processes.Popen
def late(*args, **options):
    child = start(*args, **options)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    return child
child_processes.Popen = late
child_processes.start_child(["sleep", "60"])
""",
    "end of the command": """
from lineage_diff.cli import main
main.main = lambda: 0
main.run()
""",
}


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", sorted(ENDS))
def test_all_children_end_with_us(name: str, own: bool) -> None:
    text = STARTER.replace("OWN", str(own)).replace("END", ENDS[name])
    ended = subprocess.run(
        (sys.executable, "-c", text), capture_output=True, timeout=30, check=False
    )
    pids = [int(pid) for pid in ended.stdout.split()]
    assert pids
    assert not any(_runs(pid) for pid in pids)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_process_is_started_elsewhere() -> None:
    import lineage_diff

    root = Path(lineage_diff.__file__).parent
    starting = re.compile(
        r"\b(subprocess\.(run|Popen|check_\w+|call)|Popen|os\.(system|popen|spawn\w+|fork))\("
    )
    found = [path.name for path in root.rglob("*.py") if starting.search(path.read_text())]
    assert found == ["child_processes.py"]


def test_what_git_reads_ahead_ends_with_us(tmp_path: Path) -> None:
    from fuzz.hostile_heads import run as watched

    repo = pull_request(tmp_path)
    root = tree_bomb(repo, 9)
    repo.git("update-ref", "refs/heads/hostile", repo.git("commit-tree", root, "-m", "x"))
    for command in (("trace", "model.pkl"), ("impact", "train.py"), ("audit",)):
        ended = watched(repo.path, (*command, "--rev", "hostile"), 20)
        assert ended.status == 2
        assert not ended.faults


def test_a_tree_of_trees_in_the_past_takes_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "CHILD_SECONDS", 1)
    repo = pull_request(tmp_path)
    bomb_before(repo)
    for command in (("history", "model.pkl", "--all"), ("audit",)):
        assert main([*command, "--rev", "hostile", "--repo", str(repo.path)]) == 2
        told = capsys.readouterr().err
        assert "Git may work for 1 seconds, which are used up" in told
        assert told.count("\n") == 1


def copies_before(repo: GitRepo, commits: int) -> None:
    """Let `hostile` be as main is, after commits of which each added a pipeline 900 times."""
    tip = "main"
    for number in range(commits):
        names = [f"s{number}_{stage}" for stage in range(300)]
        texts = {
            "dvc.yaml": "stages:\n" + "".join(f"  {name}:\n    cmd: x\n" for name in names),
            "dvc.lock": "schema: '2.0'\nstages:\n"
            + "".join(f"  {name}:\n    cmd: x\n" for name in names),
        }
        entries = "".join(
            f"100644 blob {repo.git('hash-object', '-w', '--stdin', stdin=text.encode())}\t{name}\n"
            for name, text in texts.items()
        )
        for _ in range(2):
            tree = repo.git("mktree", stdin=entries.encode())
            entries = "".join(f"040000 tree {tree}\td{place}\n" for place in range(30))
        root = repo.git("mktree", stdin=(repo.git("ls-tree", "main") + "\n" + entries).encode())
        added = repo.git("commit-tree", root, "-p", tip, "-m", "x")
        tip = repo.git("commit-tree", "main^{tree}", "-p", added, "-m", "y")
    repo.git("update-ref", "refs/heads/hostile", tip)


def test_copies_in_the_past_are_unreadable_beyond_the_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = pull_request(tmp_path)
    copies_before(repo, 3)
    arguments = ("trace", "model.pkl", "--repo", str(repo.path), "--format", "json", "--rev")
    assert main([*arguments, "main"]) == 0
    usual = json.loads(capsys.readouterr().out)
    main([*arguments, "hostile"])
    found = json.loads(capsys.readouterr().out)
    assert [{**trace, "commit": ""} for trace in found["traces"]] == [
        {**trace, "commit": ""} for trace in usual["traces"]
    ]
    assert not usual["unreadable"]
    messages = {item["message"] for item in found["unreadable"]}
    assert [text.partition(" takes")[0] for text in messages] == [RUNS]


BY_YAML = "".join(
    f"  s{n}: {{cmd: x, outs: [{{path: o{n}, md5: '{NOTHING}', size: 1}}]}}\n" for n in range(900)
)
PARSED: dict[str, Make] = {
    "lock entries that only a YAML parser reads": lambda: {
        "dvc.yaml": "stages:\n" + "".join(f"  s{n}: {{cmd: x}}\n" for n in range(900)),
        "dvc.lock": f"schema: '2.0'\nstages:\n{BY_YAML}",
    },
    "hundreds of `.dvc` files": lambda: {
        f"d/{number}.dvc": f"outs:\n- md5: {NOTHING}\n  path: {number}.csv\n"
        for number in range(500)
    },
    "texts with an error at their end": lambda: {
        f"p{number}/dvc.yaml": f"x{number}: &a 1\n{MANY_VALUES[:20_000]}k: [\n"
        for number in range(8)
    },
}


def with_budget(path: Path, steps: int) -> GitRepo:
    """Return a repository whose main has that budget of work for a commit."""
    repo = pull_request(path)
    repo.git("checkout", "-q", "main")
    repo.write(".github/lineage-diff.yml", f"limits: {{work-steps: {steps}}}\n")
    repo.commit()
    return repo


@pytest.mark.parametrize("name", sorted(PARSED))
def test_all_that_is_parsed_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    repo = with_budget(tmp_path, 150_000)
    for file, text in PARSED[name]().items():
        repo.write(file, text)
    head = repo.commit()
    assert main(["status", head, "--repo", str(repo.path)]) == 2
    assert f"{PARSING} takes more work than one commit may cost" in capsys.readouterr().err


def test_the_texts_of_all_commits_have_one_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = with_budget(tmp_path, 100_000)
    for number in range(30):
        values = {"auc": number} | {f"k{key}": number for key in range(900)}
        repo.write("metrics.yaml", "".join(f"{key}: {number}\n" for key in values))
        repo.write("p/dvc.yaml", PIPELINE)
        repo.write(
            "p/dvc.lock", f"schema: '2.0'\nstages:\n{BY_YAML[:9_000]}".replace("ab", f"{number:02}")
        )
        repo.commit()
    repo.remove("p/dvc.lock")
    repo.commit()
    rev = ("--rev", "main", "--repo", str(repo.path))
    together = "takes more work than all commits of a history together may cost: 400,000 steps"
    assert main(["history", "auc", *rev]) == 2
    assert together in capsys.readouterr().err
    main(["audit", *rev, "--format", "json"])
    unreadable = json.loads(capsys.readouterr().out)["unreadable"]
    assert any(together in item["message"] for item in unreadable)


LAZY = "".join(
    f"  s{n}:\n    cmd: x\n    params: {{p.yaml: {{a: [1, 2]}}}}\n    deps:\n    - path: data\n"
    f"      md5: {NOTHING}\n      size: 1\n"
    f"    outs:\n    - path: o{n}\n      md5: {NOTHING}\n      size: 1\n"
    for n in range(30)
)


def test_blocks_that_are_read_when_they_are_needed_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = with_budget(tmp_path, 100_000)
    repo.write("dvc.yaml", "stages:\n" + "".join(f"  s{n}: {{cmd: x}}\n" for n in range(30)))
    for number in range(40):
        text = LAZY.replace("ab", f"{160 + number:x}")
        repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{text}")
        repo.commit()
    rev = ("--rev", "main", "--repo", str(repo.path))
    # One run is read, then all.
    assert main(["trace", "o1", *rev]) == 0
    capsys.readouterr()
    assert main(["impact", "data", *rev]) == 2
    assert "all commits of a history together may cost: 400,000" in capsys.readouterr().err


SIMILAR = range(10_000)
SHOWN: dict[str, Make] = {
    "metrics without number": lambda: {
        "metrics.yaml": json.dumps({f"k{number}": number / 3 for number in range(200_000)})
    },
    "stages that differ in a number": lambda: {
        "dvc.yaml": "stages:\n"
        + "".join(f"  s{number}:\n    cmd: x\n    outs: [m{number}.pt]\n" for number in SIMILAR)
        # Room for that many stages.
        + "#" * (400 * len(SIMILAR))
    },
}


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_no_format_shows_more_than_there_is_room_for(tmp_path: Path, name: str) -> None:
    repo = hostile(tmp_path, SHOWN[name]())
    run(repo, "compare", "main", "hostile", "-o", "report.json")
    written = ["comment.md", "page.html", "rows.txt", "results.sarif"]
    options = [option for file in written for option in ("-o", file)]
    assert run(repo, "show", "report.json", *options).status == 0
    comment = (repo.path / "comment.md").read_text()
    assert "<b>All " in comment
    assert " more" in comment
