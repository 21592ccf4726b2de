"""`lineage-diff mlflow tag` on a real MLflow server."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.cli.main import main
from lineage_diff.exit_codes import BAD_INPUT, PASS
from tests.mlflow.conftest import World
from tests.support.git_repo import GitRepo
from tests.support.raw_http import RawServer, response, sends

Tag = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tag(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tag:
    """Run the command on the world's repository; return exit code, output and errors."""
    # The server asks for no login, and so does not mind one.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", world.server.uri.replace("//", "//us3r:s3cret@"))

    def run(*arguments: str, repo: GitRepo = world.repo) -> tuple[int, str, str]:
        code = main(["mlflow", "tag", "--repo", str(repo.path), *arguments])
        told = capsys.readouterr()
        assert not [word for word in ("us3r", "s3cret") for text in told if word in text]
        return code, told.out, told.err

    return run


def _tags(world: World, commit: str) -> dict[str, str]:
    return {
        "lineage_diff.artifact": "churn",
        "lineage_diff.commit": commit,
        "lineage_diff.data.data/prepared": f"md5:{'2' * 32}.dir",
        "lineage_diff.data.data/raw.csv": f"md5:{'1' * 32}",
        "lineage_diff.model": "models/churn.pkl",
        "lineage_diff.model_hash": f"md5:{'3' * 32}",
        "lineage_diff.stage": "train",
    }


def _ours(world: World, key: str) -> dict[str, str]:
    tags = world.server.tags(world.ids[key])
    return {name: value for name, value in tags.items() if name.startswith("lineage_diff.")}


def test_tags_are_written_when_asked_and_once(world: World, tag: Tag) -> None:
    stale = {"lineage_diff.data.gone": "md5:0"}
    code, out, _ = tag("--dry-run")
    assert (code, out.count(": would be written\n")) == (PASS, 2)
    assert (_ours(world, "whole"), _ours(world, "same")) == (stale, {})

    code, out, _ = tag("--run", world.ids["same"])
    assert (code, out.count(": written\n")) == (PASS, 1)
    assert _ours(world, "whole") == stale
    assert _ours(world, "same") == _tags(world, world.commit)

    code, out, _ = tag("--model", "churn")
    assert (code, out.count(": written\n"), out.count(": nothing to write\n")) == (PASS, 1, 1)
    assert "  lineage_diff.data.gone removed\n" in out
    assert f"  lineage_diff.data.data/raw.csv = md5:{'1' * 32}\n" in out
    assert _ours(world, "whole") == _ours(world, "same") == _tags(world, world.commit)
    assert world.server.tags(world.ids["whole"])["dvc_commit"] == world.commit
    assert _ours(world, "first") == {}

    code, out, _ = tag()
    assert (code, out.count(": nothing to write\n")) == (PASS, 2)


def test_what_mlflow_takes_for_no_key_is_written_all_the_same(
    world: World, tag: Tag, tmp_path: Path
) -> None:
    repo = GitRepo(shutil.copytree(world.repo.path, tmp_path / "repo"))
    deep = f"data/{'long' * 50}/{'path' * 20}"
    paths = [f"{deep}/{number}.csv" for number in range(120)]
    paths += ["data/é's [x].csv", "data/a:b.csv", "data/a_b.csv", "data/raw.csv"]
    for path in paths:
        name = path.rpartition("/")[2]
        repo.write(f"{path}.dvc", f"outs: [{{path: \"{name}\", md5: '{'5' * 32}'}}]\n")
    pipeline = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
    repo.write("dvc.yaml", pipeline.replace("[data/raw.csv]", json.dumps(paths)))
    run = world.server.run(repo.commit())
    assert tag(repo=repo)[0] == PASS
    data = [name for name in world.server.tags(run) if name.startswith("lineage_diff.data.")]
    # One for each path, and for the folder that is made of them.
    assert len(data) == len(paths) + 1
    assert {f"lineage_diff.data.data/{name}.csv" for name in ("a_b", "raw")} < set(data)
    assert tag(repo=repo)[1].count(": nothing to write\n") == 1


WRONG = [
    (["--model", "models/chrun.pkl"], "no model 'models/chrun.pkl' at HEAD. Did you mean models/"),
    (["--model", "zzz"], "no model 'zzz' at HEAD. There is: models/churn.pkl."),
    (["--run", "0"], "the run '0' does not name the commit"),
    (["--rev", "nowhere"], "nowhere"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_wrong_arguments(tag: Tag, arguments: list[str], message: str) -> None:
    code, out, err = tag(*arguments)
    assert (code, out) == (BAD_INPUT, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_no_run_names_the_commit(world: World, tag: Tag, tmp_path: Path) -> None:
    repo = GitRepo(shutil.copytree(world.repo.path, tmp_path / "repo"))
    repo.write(".github/lineage-diff.yml", "mlflow: {commit: [git sha]}\n")
    commit = repo.commit()
    code, _, err = tag(repo=repo)
    assert code == BAD_INPUT
    assert f"no MLflow run names the commit {commit}. Log it as one of" in err
    assert err.endswith("in full: git sha.\n")


def test_of_several_models_one_is_named(world: World, tag: Tag, tmp_path: Path) -> None:
    repo = GitRepo(shutil.copytree(world.repo.path, tmp_path / "repo"))
    repo.write("models/second.pkl.dvc", f"outs: [{{path: second.pkl, md5: '{'6' * 32}'}}]\n")
    run = world.server.run(repo.commit())
    code, _, err = tag(repo=repo)
    assert code == BAD_INPUT
    assert "there are 2 models at HEAD" in err
    assert "Name it with --model: models/churn.pkl, models/second.pkl." in err
    assert tag("--model", "models/second.pkl", repo=repo)[0] == PASS
    tags = world.server.tags(run)
    assert tags["lineage_diff.model"] == "models/second.pkl"
    assert tags["lineage_diff.stage"] == "models/second.pkl.dvc"
    assert not [name for name in tags if name.startswith("lineage_diff.data.")]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"MLFLOW_TRACKING_URI": ""}, "MLFLOW_TRACKING_URI is not set"),
        ({"MLFLOW_TRACKING_URI": "sqlite:///s3cret.db"}, "the only supported kinds"),
    ],
)
def test_no_server(
    tag: Tag, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], message: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    code, out, err = tag()
    assert (code, out) == (BAD_INPUT, "")
    assert message in err


def test_server_that_lets_read_and_not_write(
    world: World, tag: Tag, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = '{"info": {"run_id": "r", "experiment_id": "1"}, "data": {"tags": [%s]}}'
    named = run % f'{{"key": "dvc_commit", "value": "{world.commit}"}}'
    answers = [
        response(b'{"experiments": [{"experiment_id": "1", "name": "churn"}]}'),
        response(f'{{"runs": [{named}]}}'.encode()),
        *[response(b"{}")] * 3,
        response(b'{"error_code": "PERMISSION_DENIED"}', "403 Forbidden"),
    ]
    with RawServer(sends(*answers)) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://us3r:s3cret@127.0.0.1:{server.port}")
        code, out, err = tag()
    assert (code, out) == (BAD_INPUT, "")
    assert "refuses the credentials (HTTP 403)" in err
    assert b"/runs/log-batch" in server.requests[-1]
