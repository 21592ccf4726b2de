"""Owners and users of models: what is shown, and whom a comment notifies."""

import json
from typing import Any

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo
from tests.support.markdown import read, to_html
from tests.support.projects import project

TEAM = 'meta: {owner: "@octo/churn", consumers: [billing, "@all"], license: MIT, card: docs/c.md}'
ARTIFACT = "artifacts:\n  churn: {path: model.pkl, type: model, desc: Who leaves, %s}\n"
CODEOWNERS = ".github/CODEOWNERS"
CONFIG = ".github/lineage-diff.yml"


def name(repo: GitRepo, meta: str) -> None:
    """Write the entry of `artifacts`, with or without `meta`."""
    text = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
    repo.write("dvc.yaml", ARTIFACT % meta + text[text.index("stages:") :])


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    project(git_repo)
    return git_repo


def compared(repo: GitRepo, capsys: pytest.CaptureFixture[str], form: str = "json") -> Any:
    main(["compare", "main", "change", "--repo", str(repo.path), "--format", form])
    out = capsys.readouterr().out
    return json.loads(out)["cards"] if form == "json" else out


def change(repo: GitRepo) -> None:
    repo.git("checkout", "-q", "-b", "change")
    repo.write("train.py", "print(2)\n")


def test_the_pipeline_names_owners_and_users(
    repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    name(repo, TEAM)
    repo.write(CODEOWNERS, "* @octo/all\n")
    repo.commit("owners")
    change(repo)
    repo.commit("change")
    (card,) = compared(repo, capsys)
    assert card == {
        "path": "model.pkl",
        "name": "churn",
        "desc": "Who leaves",
        "labels": [],
        "owners": ["@octo/churn"],
        "consumers": ["billing", "@all"],
        "licence": "MIT",
        "card": "docs/c.md",
        "asked": None,
        "mentions": [],
    }
    for form in ("markdown", "terminal"):
        shown = compared(repo, capsys, form).replace("`", "")
        assert "owner @octo/churn · used by billing, @all · licence MIT · card docs/c.md" in shown
    page = compared(repo, capsys, "html")
    assert '<h2 id="owners-title">Owners and users</h2>' in page
    assert (
        "owner <code>@octo/<wbr>churn</code> · used by <code>billing</code>, <code>@all</code>"
        in page
    )
    assert mentioned(compared(repo, capsys, "markdown")) == []


@pytest.mark.parametrize("form", ["markdown", "terminal", "html"])
def test_a_description_alone_does_not_stand_below_owners(
    repo: GitRepo, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    name(repo, "")
    repo.commit("described")
    change(repo)
    repo.commit("change")
    shown = compared(repo, capsys, form)
    assert "About the models" in shown
    assert "Who leaves" in shown
    assert "Owners and users" not in shown


def mentioned(markdown: str) -> list[str]:
    """Return the words that GitHub would notify: those with `@` outside of code."""
    return [
        word.strip(",") for word in " ".join(read(markdown).bare).split() if word.startswith("@")
    ]


# The configuration and owners of the base; the change; whom the comment notifies.
MENTIONS: dict[str, tuple[str, str, str, str, str, list[str]]] = {
    "not asked for": ("", "* @octo/all\n", "", "", "", []),
    "code owners": ("mention: true\n", "* @octo/all @ann\n", "", "", "", ["@octo/all", "@ann"]),
    "an address is no mention": ("mention: true\n", "* a@example.com\n", "", "", "", []),
    "of the pipeline": ("mention: true\n", "* @octo/all\n", TEAM, "", TEAM, ["@octo/churn"]),
    "an owner of the change": ("mention: true\n", "", "", "", TEAM, []),
    "another owner": ("mention: true\n", "", "meta: {owner: '@me'}", "", TEAM, []),
    "code owners of the change": (
        "mention: true\n",
        "* @octo/all\n",
        "",
        "* @x\n",
        "",
        ["@octo/all"],
    ),
    "no owner at all": ("mention: true\n", "/docs @octo/all\n", "", "", "", []),
}


@pytest.mark.parametrize(
    ("config", "owners", "before", "own", "after", "wanted"), MENTIONS.values(), ids=MENTIONS
)
def test_a_comment_notifies_only_whom_the_base_names(
    repo: GitRepo,
    capsys: pytest.CaptureFixture[str],
    config: str,
    owners: str,
    before: str,
    own: str,
    after: str,
    wanted: list[str],
) -> None:
    name(repo, before)
    repo.write(CODEOWNERS, owners)
    repo.write(CONFIG, config)
    repo.commit("owners")
    change(repo)
    name(repo, after)
    repo.write(CODEOWNERS, own or owners)
    # The change cannot ask for mentions itself.
    repo.write(CONFIG, "mention: true\n")
    repo.commit("change")
    assert mentioned(compared(repo, capsys, "markdown")) == wanted


def test_what_a_pipeline_says_is_text_and_bounded(
    repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    many = ", ".join(f"c{number}" for number in range(500))
    name(
        repo,
        f"labels: ['<img src=x>'], meta: {{consumers: [{many}], owners: ['@x | [a](http://b) `'], "
        f"license: {'L' * 5000}, card: {{a: 1}}, other: [1, {{b: 2}}]}}",
    )
    repo.commit("owners")
    change(repo)
    repo.commit("change")
    (card,) = compared(repo, capsys)
    assert len(card["consumers"]) == 30
    assert len(card["licence"]) == 300
    assert card["card"] is None
    shown = compared(repo, capsys, "markdown")
    html = to_html(shown)
    page = compared(repo, capsys, "html")
    assert "&lt;img" in page
    assert "<img" not in page
    assert "<img" not in html
    assert 'href="http://b"' not in html
    assert mentioned(shown) == []


@pytest.mark.parametrize(
    "meta", ["meta: text", "meta: [a]", "meta: {owner: {a: 1}}", "meta: {1: 2}"]
)
def test_any_meta_that_dvc_takes_is_taken(
    repo: GitRepo, capsys: pytest.CaptureFixture[str], meta: str
) -> None:
    name(repo, meta)
    repo.commit("meta")
    change(repo)
    repo.commit("change")
    (card,) = compared(repo, capsys)
    assert (card["owners"], card["consumers"]) == ([], [])
