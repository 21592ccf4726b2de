"""Odd repositories, plugins, and names that every format and command must show as mere text."""

import html
import json
import os
import re
from pathlib import Path

import pytest

from tests.hostile.runs import PIPELINE, pull_request, run, run_all
from tests.support.git_repo import GitRepo
from tests.support.markdown import to_html

NOBODY = 65_534


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return pull_request(tmp_path / "repo")


def test_a_repository_of_another_user(repo: GitRepo) -> None:
    """Git itself refuses it where it looks for one; what it would then run is off for us."""
    repo.write("params.yaml", "lr: 2\n")
    repo.commit()
    before = run(repo, "compare", "main", "hostile", "--format", "json")
    repo.git("config", "core.fsmonitor", "touch canary")
    if os.geteuid() == 0:
        for folder, _, files in os.walk(repo.path):
            for name in (".", *files):
                os.chown(Path(folder) / name, NOBODY, NOBODY, follow_symlinks=False)
    assert run(repo, "compare", "main", "hostile", "--format", "json") == before
    assert not (repo.path / "canary").exists()


def test_alternates_are_read_as_git_does(repo: GitRepo, tmp_path: Path) -> None:
    repo.write("params.yaml", "lr: 2\n")
    repo.commit()
    before = run(repo, "compare", "main", "hostile", "--format", "json")
    clone = repo.clone(tmp_path / "clone", "--shared", "--no-checkout")
    for branch in ("main", "hostile"):
        clone.git("update-ref", f"refs/heads/{branch}", f"refs/remotes/origin/{branch}")
    shared = run(clone, "compare", "main", "hostile", "--format", "json")
    assert json.loads(shared.out) == json.loads(before.out)


def test_plugins_of_the_head_are_not_loaded(repo: GitRepo) -> None:
    evil = "open('canary', 'w')\n"
    for name in (
        "dvc_evil/__init__.py",
        "dvc.py",
        "yaml.py",
        "git.py",
        "jinja2.py",
        "sitecustomize.py",
        "conftest.py",
        ".dvc/plugins/evil.py",
        "lineage_diff/rules/freshness/evil.py",
    ):
        repo.write(name, evil)
    repo.commit()
    for arguments in (("compare", "main", "hostile"), ("status",), ("lint",), ("audit",)):
        run(repo, *arguments, console=True)
    assert not (repo.path / "canary").exists()


@pytest.mark.parametrize("arguments", [("status", "--", ""), ("compare", "--", "main", "")])
def test_an_empty_revision_is_named(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    repo.commit()
    ended = run(repo, *arguments)
    assert ended.status == 2
    assert ended.err.count("\n") == 1


ESC = "\x1b[2J\x1b]8;;http://127.0.0.1/\x07"
NAMES = {
    "ansi": f"a{ESC}b",
    "graphviz": '"]; b [URL="javascript:alert(1)", label=<<img src="/etc/passwd"/>>]; "',
    "mermaid": '"] --> x; click x href "javascript:alert(1)"; %%{init: {}}%% ["',
    "html": "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "markdown": "@everyone #1 [x](javascript:alert(1)) `|` ![i](http://127.0.0.1/i.png)",
    "commands": "::error::x%0A::set-output name=a::b",
    "other commands": "##[set-output name=a]b ##vso[task.setvariable]c ##teamcity[d]",
    "formula": '=HYPERLINK("http://127.0.0.1/","x")',
    "right-to-left": "a\u202egpj.exe\u2066",
}
# As the runners of GitHub and Azure and TeamCity read a line of a log.
TO_CI = (r"^\s*::", r"##[\w.]*\[")
SHOWN = {
    "terminal": (r"\x1b(?!\[[0-9;]*m)", r"\u202e", r"\u2066", *TO_CI),
    "markdown": (r"\x1b", r"<img[^>]*onerror", r"<script", r"\u202e", r"javascript:alert\(1\)\""),
    "json": (r"\x1b",),
    "svg": (r"\x1b", r"<script", r"<image", r"(?:href|xlink:href)=", r"\u202e"),
    "mermaid": (r"\x1b", r"^\s*click", r"%%\{", r"\u202e"),
    "dot": (r"\x1b", r"\bURL=", r"label=<"),
    "annotations": (r"\x1b", r"^::set-output"),
    "sarif": (r"\x1b",),
    "csv": (r"\x1b", r"(?:^|,)\"?[=+@-]"),
    "html": (r"\x1b", r"<script(?! nonce=| type=|>\n?\(?)", r"<img", r"\u202e"),
}
COMMANDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("compare", "main", "hostile"),
        ("terminal", "markdown", "json", "svg", "mermaid", "dot", "annotations", "sarif"),
    ),
    (("status", "hostile"), ("terminal", "markdown", "json", "annotations", "sarif")),
    (("lint",), ("terminal", "json", "annotations", "sarif")),
    (("audit", "--rev", "hostile"), ("terminal", "markdown", "json", "csv", "html")),
)


COMMANDS_AS_JSON = tuple((*arguments, "--format", "json") for arguments, _ in COMMANDS)


def read_as(shown: str, text: str) -> str:
    """Return what the reader of a format makes of a text: HTML, or DOT without what is quoted."""
    if shown == "markdown":
        return to_html(text)
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text) if shown == "dot" else text


def hostile_names(folder: Path, text: str) -> GitRepo:
    """Return a repository that names everything by a text: files, stages, params, values."""
    repo = pull_request(folder / "repo")
    quoted = in_yaml(text)
    path = in_yaml(f"models/{text.replace('/', '_')}.pkl")
    pipeline = (
        f"stages:\n  train:\n    cmd: {quoted}\n    deps: [{quoted}, train.py]\n"
        f"    params: [{quoted}]\n    outs: [{path}]\n"
        f"    metrics: [metrics.json: {{cache: false}}]\n"
        f"artifacts:\n  churn: {{path: {path}, type: model, desc: {quoted}}}\n"
    )
    lock = (
        f"schema: '2.0'\nstages:\n  train:\n    cmd: {quoted}\n    deps:\n"
        f"    - {{path: {quoted}, hash: md5, md5: {'1' * 31}a, size: 1}}\n"
        f"    params: {{params.yaml: {{{quoted}: {quoted}}}}}\n"
        f"    outs:\n    - {{path: {path}, hash: md5, md5: {'2' * 31}b, size: 1}}\n"
    )
    repo.write("dvc.yaml", pipeline)
    repo.write("dvc.lock", lock)
    repo.write("params.yaml", f"{quoted}: {quoted}\n")
    repo.write("metrics.json", json.dumps({text: 0.5, "auc": 0.5}))
    repo.commit(text.replace("\x00", "") or "x")
    return repo


def in_yaml(text: str) -> str:
    """Quote a text for YAML, whose escapes know no pairs of surrogates."""
    escapes = (
        json.dumps(char)[1:-1] if ord(char) < 1 << 16 else f"\\U{ord(char):08x}" for char in text
    )
    return f'"{"".join(escapes)}"'


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_are_shown_as_text(tmp_path: Path, name: str) -> None:
    text = NAMES[name]
    repo = hostile_names(tmp_path, text)
    for arguments, formats in COMMANDS:
        for shown in formats:
            ended = run(repo, *arguments, "--format", shown)
            out = read_as(shown, ended.out)
            for pattern in SHOWN[shown]:
                found = re.search(pattern, out, re.MULTILINE)
                assert found is None, (arguments, shown, pattern, found)
            for pattern in (r"\x1b(?!\[[0-9;]*m)", *TO_CI):
                assert not re.search(pattern, ended.err, re.MULTILINE)
    report = tmp_path / "report.json"
    run(repo, "compare", "main", "hostile", "--format", "json", "-o", str(report))
    for shown in ("terminal", "markdown", "svg", "mermaid"):
        ended = run(repo, "show", str(report), "--format", shown)
        for pattern in SHOWN[shown]:
            assert not re.search(pattern, read_as(shown, ended.out), re.MULTILINE), shown


# Texts about which DVC writes to its log, with names as they are.
LOGGED = {
    "template": {
        "dvc.yaml": """\
vars: [{item: 1, key: 2, list: {x: 1}}]
stages:
  "x\\n::set-output name=conclusion::success":
    matrix: {a: [{b: 1, c: [2]}]}
    cmd: python train.py ${item.a}
  "y\\n::add-mask::y":
    foreach: ${list}
    do: {cmd: "python train.py ${item}"}
"""
    },
    "config": {".dvc/config": "[feature]\n    '::error::x \x1b[2J' = 1\n"},
    "plot": {
        "dvc.yaml": 'plots: [{"##[error]x": {x: {a.csv: s, b.csv: s}, y: {a.csv: nope}}}]\n',
        "a.csv": "s,v\n1,2\n",
        "b.csv": "s,v\n1,2\n3,4\n",
    },
    "params": {"params.py": "lr = '\\d' is 1\n", "dvc.yaml": PIPELINE.replace("lr", "params.py:")},
}


@pytest.mark.parametrize("name", sorted(LOGGED))
def test_what_dvc_and_python_say_is_not_passed_on(repo: GitRepo, name: str) -> None:
    repo.write("train.py", "print('\\d')\n")
    for path, text in LOGGED[name].items():
        repo.write(path, text)
    repo.commit()
    for arguments in (*COMMANDS_AS_JSON, ("compare", "main", "hostile", "--format", "terminal")):
        for line in run(repo, *arguments).err.splitlines():
            assert line.startswith("lineage-diff: "), (arguments, line)


UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u180b\u200b\u202e\u2060\u2800\u3164\ufe0f\uffa0"
    "\u00a0\u2003\u202f\u3000\ue000\u0378\U000e0041\U000e0100"
)
# Our own signs have the variation selector that makes them emoji.
OWN = re.compile("(?<=[⚠ℹ✏🗑♻])\\ufe0f")
ZALGO = "o" + "\u0301\u0324" * 20


def test_what_has_no_shape_is_seen_in_every_format(tmp_path: Path) -> None:
    """And the honest letters beside it stay readable. JSON is data: it holds names as they are."""
    honest = "模型🚀é"
    repo = hostile_names(tmp_path, honest + "".join(f"{char}x" for char in UNSEEN) + ZALGO)
    for arguments, formats in COMMANDS:
        for shown in formats:
            if shown == "json":
                continue
            out = OWN.sub("", run(repo, *arguments, "--format", shown).out)
            assert not set(out) & set(UNSEEN), (arguments, shown, set(out) & set(UNSEEN))
            assert not re.search("[\u0301\u0324]{5}", out), (arguments, shown)
    for shown in ("terminal", "markdown", "dot", "svg"):
        out = run(repo, "compare", "main", "hostile", "--format", shown).out
        assert honest in html.unescape(out), shown


@pytest.mark.parametrize("char", ["\u3164", "\ufe0f"])
@pytest.mark.parametrize(
    "shown", ["terminal", "markdown", "mermaid", "dot", "annotations", "sarif"]
)
def test_two_names_are_not_shown_as_one(tmp_path: Path, char: str, shown: str) -> None:
    repo = pull_request(tmp_path / "repo")
    stages = ("train", f"train{char}")
    text = "stages:\n" + "".join(
        f'  "{name}":\n    cmd: python train.py\n    outs: ["{name}.pkl"]\n' for name in stages
    )
    repo.write("dvc.yaml", text)
    repo.commit()
    out = OWN.sub("", run(repo, "compare", "main", "hostile", "--format", shown).out)
    assert char not in out
    escape = char.encode("unicode_escape").decode()
    assert escape in html.unescape(out.replace("#92;", "\\").replace("\\\\", "\\")), out


@pytest.mark.parametrize("command", ["trace", "history", "impact"])
def test_questions_about_hostile_names(repo: GitRepo, command: str) -> None:
    repo.write("dvc.yaml", PIPELINE)
    repo.commit()
    for text in (*NAMES.values(), "--help=x", "-x", "../../etc/passwd", "a" * 100_000):
        ended = run(repo, command, "--", text)
        assert ended.status == 2
        assert "\x1b" not in ended.err
        assert len(ended.err) < 2_000


def test_a_saved_report_that_is_none(repo: GitRepo) -> None:
    repo.commit()
    for name, text in {
        "nested.json": "[" * 100_000,
        "large.json": " " * (70 << 20),
        "null.json": "null",
        "odd.json": '{"schema_version": 1e999}',
        "ansi.json": json.dumps({"schema_version": ESC}),
    }.items():
        repo.write(name, text)
        ended = run(repo, "show", name)
        assert ended.status == 2
        assert "\x1b" not in ended.err
    run_all(repo)
