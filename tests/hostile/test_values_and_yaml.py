"""Files of a hostile commit that are meant to exhaust, confuse or take over their reader."""

from pathlib import Path

import pytest

from tests.hostile.runs import PIPELINE, pull_request, run_all

_MATRIX = (
    "stages:\n  s:\n    matrix:\n"
    + "".join(f"      d{i}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n" for i in range(6))
    + "    cmd: echo ${item.d0}\n"
)
_MILLION = ", ".join(map(str, range(1_000_000)))
_DIGITS = "9" * 5_000

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
    "params.toml": "lr = " + "[" * 50_000 + "]" * 50_000,
    "params.py": "lr = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n",
    "chain.py": "lr = " + "+".join(["1"] * 50_000) + "\n",
    "attribute.py": "lr = a" + ".a" * 50_000 + "\n",
    "digits.py": f"lr = {_DIGITS}\n",
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
