"""Audits: siblings are one row, with what each has alone; the JSON and the CSV have each."""

import json
import re

import pytest
from msgspec.structs import replace

from lineage_diff.cli.main import main
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.render.audit_text import audit_markdown, audit_terminal
from lineage_diff.report.answers import History, HistoryStep, MetricValue
from lineage_diff.report.change import Side
from lineage_diff.report.reasons import Cause
from tests.support.audit_reports import report_of
from tests.support.git_repo import GitRepo

NAMES = "abcd"


def entry(stage: str, out: str, digest: str) -> str:
    return (
        f"  {stage}:\n    cmd: fit\n"
        f"    deps: [{{path: data.csv, hash: md5, md5: {'1' * 32}, size: 2}}]\n"
        f"    outs: [{{path: {out}, hash: md5, md5: {digest * 32}, size: 2}}]\n"
    )


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    """Four models of one entry, and another, all made from the same data."""
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
    return git_repo


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json"])
def test_siblings_made_from_the_same_data_are_one_row(
    repo: GitRepo, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["impact", "data.csv", "--repo", str(repo.path), "--format", form]) == 0
    text = capsys.readouterr().out.replace("<wbr>", "")
    if form == "json":
        assert len(json.loads(text)["impacts"][0]["models"]) == len(NAMES) + 1
        return
    assert text.count("one each") == 1
    assert text.count("other/model.pkl") == 1
    assert not any(f"models/{name}.pkl" in text for name in NAMES)


def audit(repo: GitRepo, form: str, capsys: pytest.CaptureFixture[str]) -> str:
    main(["audit", "--repo", str(repo.path), "--format", form])
    return capsys.readouterr().out.replace("<wbr>", "")


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_audited_siblings_are_one_section_that_names_each(
    repo: GitRepo, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = audit(repo, form, capsys)
    assert text.count("data.csv") == 4  # an input and a reason of each row
    for name in NAMES:
        assert f"models/{name}.pkl" not in text
        assert re.search(rf"\b{name}\b", text)
        if form == "markdown":
            assert re.search(rf"\| `{name}` \| `{name * 7}`", text)


def test_the_page_of_an_audit_links_each_sibling_to_its_section(
    repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    page = audit(repo, "html", capsys)
    models = page.partition('<section id="models"')[2].partition("</section>")[0]
    assert models.count("<tr ") == 2
    links = re.findall(r'<li><a href="#(model-\d)"><code>(\w)</code></a>', models)
    assert [name for _, name in links] == list(NAMES)
    for number, name in links:
        section = page.partition(f'id="{number}"')[2].partition("</section>")[0]
        assert f"models/{name}.pkl" in section


def test_the_csv_of_an_audit_has_a_row_for_each_sibling(
    repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    text = audit(repo, "csv", capsys)
    assert all(f"models/{name}.pkl" in text for name in NAMES)


def test_the_history_of_siblings_has_the_causes_of_some_and_the_range_of_metrics() -> None:
    commit = CommitInfo("1" * 40, "A", "2026-01-02T03:04:05+00:00", "Train", None)
    histories = tuple(
        History(
            f"out/{name}/model.pkl",
            None,
            (
                HistoryStep(
                    commit,
                    f"out/{name}/model.pkl",
                    "retrained",
                    f"dvc.yaml:train@{name}",
                    Side(None),
                    Side(f"md5:{digit * 32}", 1),
                    causes=causes(name),
                    metrics=(MetricValue(f"out/{name}/m.json", "auc", 0.5 + int(digit) / 10),),
                ),
            ),
        )
        for digit, name in zip("0123", NAMES, strict=True)
    )
    report = replace(report_of("x"), traces=(), histories=histories)
    for text in (
        audit_terminal(report, color=False, width=200),
        audit_markdown(report).replace("`", ""),
    ):
        assert text.count("train.py edited") == 1
        assert text.count("b alone: lr 1 → 2") == 1
        assert text.count("auc 0.5–0.8") == 1


def causes(name: str) -> tuple[Cause, ...]:
    code = Cause("code", "train.py", "modified", "git:1", "git:2")
    own = Cause("param", "params.yaml:lr", "modified", 1, 2)
    return (code, own) if name == "b" else (code,)
