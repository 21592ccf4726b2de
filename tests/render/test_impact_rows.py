"""Models made from some data: siblings are one row, the JSON has each."""

import json

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo

NAMES = "abcd"


def entry(stage: str, out: str, digest: str) -> str:
    return (
        f"  {stage}:\n    cmd: fit\n"
        f"    deps: [{{path: data.csv, hash: md5, md5: {'1' * 32}, size: 2}}]\n"
        f"    outs: [{{path: {out}, hash: md5, md5: {digest * 32}, size: 2}}]\n"
    )


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json"])
def test_siblings_made_from_the_same_data_are_one_row(
    git_repo: GitRepo, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("data.csv", "1\n")
    git_repo.write(
        "dvc.yaml",
        "stages:\n  train:\n    foreach: [a, b, c, d]\n"
        "    do: {cmd: fit, deps: [data.csv], outs: ['models/${item}.pkl']}\n"
        "  other: {cmd: fit, deps: [data.csv], outs: [other/model.pkl]}\n",
    )
    locks = [entry(f"train@{name}", f"models/{name}.pkl", name) for name in NAMES]
    git_repo.write(
        "dvc.lock",
        "schema: '2.0'\nstages:\n" + "".join([*locks, entry("other", "other/model.pkl", "e")]),
    )
    git_repo.commit("base")
    assert main(["impact", "data.csv", "--repo", str(git_repo.path), "--format", form]) == 0
    text = capsys.readouterr().out.replace("<wbr>", "")
    if form == "json":
        assert len(json.loads(text)["impacts"][0]["models"]) == len(NAMES) + 1
        return
    assert text.count("one each") == 1
    assert text.count("other/model.pkl") == 1
    assert not any(f"models/{name}.pkl" in text for name in NAMES)
    if form == "markdown":
        main(["audit", "--repo", str(git_repo.path), "--format", form])
        overview = capsys.readouterr().out.partition("###")[0]
        assert overview.count("one each") == 1
        assert overview.count("other/model.pkl") == 1
