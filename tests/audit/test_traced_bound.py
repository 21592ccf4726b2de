"""A chain whose every stage makes a model names the square of its length: counted, and bounded."""

from pathlib import Path

import pytest

from lineage_diff import limits
from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo

LENGTH = 12
# Each model names the runs above it, each with a dep and an out, and their one source.
NAMED = sum(3 * number + 1 for number in range(1, LENGTH + 1))
RECORDED = 3 * LENGTH
MOST = NAMED - limits.TRACED_TIMES * RECORDED


@pytest.fixture
def chain(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path)
    stages, locks = "stages:\n", "schema: '2.0'\nstages:\n"
    for number in range(LENGTH):
        dep = f"m{number - 1}.pt" if number else "d.csv"
        item = "path: {}, hash: md5, md5: '{}', size: 1"
        stages += f"  s{number}: {{cmd: x, deps: [{dep}], outs: [m{number}.pt]}}\n"
        taken, made = (
            item.format(path, f"{n:032x}")
            for path, n in ((dep, number), (f"m{number}.pt", number + 1))
        )
        locks += f"  s{number}: {{cmd: x, deps: [{{{taken}}}], outs: [{{{made}}}]}}\n"
    for path, text in {".dvc/config": "", "dvc.yaml": stages, "dvc.lock": locks}.items():
        repo.write(path, text)
    repo.commit()
    return repo


@pytest.mark.parametrize(
    ("most", "arguments", "code"),
    [
        (MOST, ("audit",), 0),
        (MOST - 1, ("audit",), 2),
        (MOST - 1, ("audit", "--model", "m3.pt"), 0),
        (1, ("trace", f"m{LENGTH - 1}.pt"), 0),
    ],
)  # fmt: skip
def test_more_than_a_report_names_is_refused_in_one_line(
    chain: GitRepo,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    arguments: tuple[str, ...],
    code: int,
) -> None:
    monkeypatch.setattr(limits, "TRACED", most)
    assert main([*arguments, "--repo", str(chain.path)]) == code
    err = capsys.readouterr().err
    assert ("--model" in err, err.count("\n")) == (bool(code), int(bool(code))), err


@pytest.mark.parametrize(
    ("most", "code"), [(LENGTH * (LENGTH + 1) // 2, 0), (LENGTH * (LENGTH + 1) // 2 - 1, 2)]
)
def test_impact_looks_at_no_more_inputs_than_it_may(
    chain: GitRepo,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    code: int,
) -> None:
    """The source is the last input of each model: all of them are looked at."""
    monkeypatch.setattr(limits, "IMPACT_STEPS", most)
    assert main(["impact", "d.csv", "--repo", str(chain.path)]) == code
    assert capsys.readouterr().err.count("\n") == int(bool(code))


def test_a_stage_with_many_models_is_counted_with_its_outs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of the models names the run that made all of them."""
    repo, count = GitRepo(tmp_path), 800
    outs = "".join(f"    - m{number}.pt\n" for number in range(count))
    items = "".join(
        f"    - path: m{number}.pt\n      md5: {number:032x}\n      size: 1\n"
        for number in range(count)
    )
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", f"stages:\n  s:\n    cmd: x\n    outs:\n{outs}")
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n{items}")
    repo.commit()
    assert main(["audit", "--repo", str(repo.path)]) == 2
    assert "more than 503,204 runs" in capsys.readouterr().err
