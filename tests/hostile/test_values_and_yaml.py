"""Files of a hostile commit that are meant to exhaust, confuse or take over their reader."""

from pathlib import Path

import pytest

from tests.hostile.runs import COMMANDS, PIPELINE, pull_request, run_all

_LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
)
_MERGES = "m0: &m0 {k: 1}\n" + "".join(
    f"m{i}: &m{i}\n  <<: [{', '.join([f'*m{i - 1}'] * 9)}]\n  k{i}: 1\n" for i in range(1, 30)
)
_MATRIX = (
    "stages:\n  s:\n    matrix:\n"
    + "".join(f"      d{i}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n" for i in range(6))
    + "    cmd: echo ${item.d0}\n"
)
_MILLION = ", ".join(map(str, range(1_000_000)))
_DIGITS = "9" * 5_000

TEXTS: dict[str, str | bytes] = {
    "billion-laughs": _LAUGHS,
    "merge-bomb": _MERGES,
    "deep-flow": "a: " + "[" * 100_000 + "]" * 100_000,
    "deep-block": "".join(f"{' ' * i}a:\n" for i in range(3_000)),
    "deep-dashes": "- " * 100_000 + "a",
    "long-integer": f"lr: {_DIGITS}\n",
    # Valid, and larger than any float.
    "large-integer": f"lr: {_DIGITS[:1_000]}\n",
    "long-octal": f"lr: 0o{'7' * 5_000}\n",
    "long-exponent": f"lr: 1e{_DIGITS}\n",
    "python-tag": '!!python/object/apply:os.system ["touch canary"]\n',
    "own-tag": "lr: !run touch canary\n",
    "not-finite": "lr: .nan\na: .inf\nb: -.inf\n",
    "invalid-utf-8": b"lr: \xff\xfe\n",
    "surrogate": 'lr: "\\ud800"\n',
    "byte-order-mark": b"\xef\xbb\xbflr: 2\n",
    "carriage-returns": "lr: 2\r\n",
    "null-byte": "lr: \0\n",
    "control": 'lr: "\\e[2J\\x07"\n',
    "recursive": "lr: &a [*a]\n",
    "directive": "%YAML 1.1\n---\nlr: " + "[" * 5_000 + "\n",
    "directive-laughs": "%YAML 1.1\n---\n" + _LAUGHS,
    "many-documents": "---\nlr: 1\n" * 1_000,
    "complex-key": "? [a, b]\n: 1\n? {c: d}\n: 2\n",
}
FILES = ("params.yaml", "dvc.yaml", "dvc.lock", "data.dvc", "metrics.yaml", ".dvc/config")
PIPELINES = {
    "matrix": _MATRIX,
    "foreach-in-foreach": "stages:\n  s:\n    foreach: ${a}\n    do:\n"
    "      foreach: ${b}\n      do:\n        cmd: x\n",
    "circular-vars": "vars:\n- a: ${b}\n- b: ${a}\nstages:\n  s:\n    cmd: ${a}\n",
    "foreach-million": f"stages:\n  s:\n    foreach: [{_MILLION}]\n    do:\n      cmd: x ${{item}}\n",  # noqa: E501
    "templates-deep": "stages:\n  s:\n    cmd: " + "${" * 20_000 + "}" * 20_000 + "\n",
    "list-at-top": "- a\n",
    "stages-list": "stages: [a]\n",
    "cmd-mapping": "stages:\n  s:\n    cmd: {a: b}\n",
}
VALUES: dict[str, str | bytes] = {
    "params.json": '{"lr": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "digits.json": f'{{"lr": {_DIGITS}}}',
    "nan.json": '{"lr": NaN, "a": Infinity, "b": -Infinity}',
    "surrogate.json": '{"lr": "\\ud800"}',
    "params.toml": "lr = " + "[" * 50_000 + "]" * 50_000,
    "keys.toml": ".".join(["a"] * 50_000) + " = 1\nlr = 1\n",
    "digits.toml": f"lr = {_DIGITS}\n",
    "hex.toml": f"lr = 0x{'f' * 50_000}\n",
    "params.py": "lr = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n",
    "unary.py": "lr = " + "-" * 50_000 + "1\n",
    "chain.py": "lr = " + "+".join(["1"] * 50_000) + "\n",
    "attribute.py": "lr = a" + ".a" * 50_000 + "\n",
    "fields.py": "lr = f'" + "{a}" * 80_000 + "'\n",
    "digits.py": f"lr = {_DIGITS}\n",
    "null.py": b"lr = 1\0\n",
    "elif.py": "if a:\n  x = 1\n" + "elif a:\n  x = 1\n" * 5_000,
    "run.py": "import os\nos.system('touch canary')\nlr = 1\n",
}


@pytest.mark.parametrize("name", sorted(PIPELINES))
def test_pipeline(tmp_path: Path, name: str) -> None:
    repo = pull_request(tmp_path)
    repo.write("dvc.yaml", PIPELINES[name])
    repo.commit()
    run_all(repo)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_values(tmp_path: Path, name: str) -> None:
    repo = pull_request(tmp_path)
    repo.write(name, VALUES[name])
    repo.write(
        "dvc.yaml",
        PIPELINE.replace("params: [lr]", f"params: [{name}: [lr]]").replace("metrics.yaml", name),
    )
    repo.commit()
    run_all(repo)
    assert not (repo.path / "canary").exists()


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_text_in_every_file(tmp_path: Path, name: str) -> None:
    for file in FILES:
        repo = pull_request(tmp_path / file.replace("/", "-"))
        repo.write(file, TEXTS[name])
        repo.commit()
        run_all(repo, COMMANDS[:1])
        assert not (repo.path / "canary").exists()


@pytest.mark.parametrize("file", ["params.yaml", "dvc.yaml", "dvc.lock", "metrics.yaml"])
def test_file_of_200_megabytes(tmp_path: Path, file: str) -> None:
    repo = pull_request(tmp_path)
    repo.write(file, b"#" * (200 << 20))
    repo.commit()
    run_all(repo)
