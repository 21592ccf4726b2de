"""Base and head by the variables of other CI systems, on repositories as these clone them."""

import re
import subprocess
from copy import copy
from pathlib import Path

import pytest
import yaml

from lineage_diff.cli.ci import change_under_review
from tests.support.ci_schemas import schema_errors
from tests.support.git_repo import GitRepo
from tests.support.projects import call, project

ROOT = Path(__file__).parent.parent
ZEROS = "0" * 40


class Clone:
    """A clone of a repository whose branch `change` leaves its model stale; `main` went on."""

    def __init__(self, folder: Path) -> None:
        self.origin = GitRepo(folder / "origin")
        self.base = project(self.origin)
        self.origin.git("checkout", "-q", "-b", "change")
        self.origin.write("train.py", "print(2)\n")
        self.head = self.origin.commit("edit")
        self.origin.git("checkout", "-q", "main")
        self.origin.write("note", "1")
        self.origin.write(".github/lineage-diff.yml", "rules: {stale-model: warning}\n")
        self.tip = self.origin.commit("go on")
        self.repo = self.origin.clone(folder / "clone")
        # What most systems check out: the change merged with its target.
        self.repo.git("checkout", "-q", "--detach", "origin/main")
        self.repo.merge("origin/change")

    def compare(
        self, variables: dict[str, str], *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            return call("compare", *arguments, cwd=self.repo.path)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("other-ci"))


@pytest.fixture
def clone(original: Clone, tmp_path: Path) -> Clone:
    """A copy of the clone, with the same origin."""
    made = copy(original)
    made.repo = original.repo.copy_to(tmp_path / "clone")
    return made


def variables(clone: Clone, system: str) -> dict[str, str]:
    """Return what a system sets for the change."""
    return {
        "gitlab": {
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": clone.base,
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
            "CI_COMMIT_SHA": clone.head,
        },
        "gitlab, merged results": {
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": clone.base,
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": clone.tip,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": clone.head,
            "CI_COMMIT_SHA": clone.repo.git("rev-parse", "HEAD"),
        },
        "jenkins": {"CHANGE_TARGET": "main", "CHANGE_ID": "7"},
        "azure": {
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": clone.head,
        },
        "azure, of GitHub": {"SYSTEM_PULLREQUEST_TARGETBRANCH": "main"},
        "bitbucket": {
            "BITBUCKET_PR_DESTINATION_BRANCH": "main",
            "BITBUCKET_PR_DESTINATION_COMMIT": clone.tip[:12],
            "BITBUCKET_COMMIT": clone.head,
        },
    }[system]


SYSTEMS = ("gitlab", "gitlab, merged results", "jenkins", "azure", "azure, of GitHub", "bitbucket")


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_change_is_compared_with_its_target(clone: Clone, system: str) -> None:
    done = clone.compare(variables(clone, system))
    # The rules are those of the target's tip, where the finding is a warning.
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 model is stale" in done.stdout
    assert "comparing with main, the target" in done.stderr
    assert "note" not in done.stderr.replace("lineage-diff: note: comparing", "")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_base_that_is_named_counts(clone: Clone, system: str) -> None:
    done = clone.compare(variables(clone, system), clone.base, clone.head)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_target_that_is_not_in_the_clone_is_no_other_branch(clone: Clone, system: str) -> None:
    clone.repo.git("update-ref", "-d", "refs/remotes/origin/main")
    clone.repo.git("branch", "-f", "main", clone.head)
    # A tag of that name is not the branch.
    clone.repo.git("tag", "origin/main", clone.head)
    given = variables(clone, system)
    known = [
        value for name, value in given.items() if "BASE_SHA" in name or "DESTINATION_C" in name
    ]
    done = clone.compare(given)
    if known:
        # GitLab and Bitbucket name a commit, too. The tip's rules are not those of the merge base.
        is_tip = system != "gitlab"
        assert done.returncode == (0 if is_tip else 1), done.stderr
        assert "1 model is stale" in done.stdout
        assert ("main is not in the clone" in done.stderr) is not is_tip
    else:
        assert (done.returncode, done.stdout) == (2, "")
        assert "git fetch origin +refs/heads/main:refs/remotes/origin/main" in done.stderr


@pytest.mark.parametrize(
    "given", [{}, {"CI_COMMIT_SHA": ZEROS, "CI_COMMIT_BRANCH": "x"}, {"CHANGE_TARGET": ""}]
)
def test_without_a_review_the_default_branch_counts(given: dict[str, str]) -> None:
    assert change_under_review(given) is None


@pytest.mark.parametrize("name", ["main'; touch x; '", "a\u202eb", "--upload-pack=x", "$(id)"])
def test_the_name_of_a_target_is_text(clone: Clone, name: str) -> None:
    done = clone.compare({"CHANGE_TARGET": name})
    assert done.returncode == 2
    assert "\u202e" not in done.stderr
    hint = done.stderr.partition("git fetch origin ")[2].strip()
    shown = subprocess.run(
        ["sh", "-c", f"printf %s {hint}"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "refs/heads/" in shown.stdout
    assert not (ROOT / "x").exists()


PAGE = (ROOT / "docs" / "other-ci.md").read_text(encoding="utf-8")


def blocks(heading: str, language: str) -> list[str]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [part.partition("```")[0] for part in section.split(f"```{language}\n")[1:]]


@pytest.mark.parametrize(
    ("heading", "schema"),
    [
        ("GitLab", "gitlab-ci"),
        ("Azure Pipelines", "azure-pipelines"),
        ("Bitbucket", "bitbucket-pipelines"),
    ],
)
def test_each_example_keeps_to_the_schema_of_its_system(
    tmp_path: Path, heading: str, schema: str
) -> None:
    (block,) = blocks(heading, "yaml")
    file = tmp_path / "pipeline.yml"
    file.write_text(block, encoding="utf-8")
    assert schema_errors(schema, file) == []
    assert isinstance(yaml.safe_load(block), dict)


@pytest.mark.parametrize(
    ("heading", "language", "system", "written"),
    [
        ("GitLab", "yaml", "gitlab", {"gl-code-quality-report.json", "junit.xml", "lineage.html"}),
        ("Jenkins", "groovy", "jenkins", {"junit.xml", "lineage.html"}),
        ("Azure Pipelines", "yaml", "azure", {"junit.xml", "lineage.html"}),
        ("Bitbucket", "yaml", "bitbucket", {"test-results/lineage.xml", "lineage.html"}),
    ],
)
def test_the_command_of_each_example_runs(
    clone: Clone, heading: str, language: str, system: str, written: set[str]
) -> None:
    (block,) = blocks(heading, language)
    text = " ".join(block.split())
    command = re.search(r"lineage-diff(?:==[\d.]+)? (compare .*)", text)
    assert command
    words = command[1].split()[1:]
    end = next(i for i, word in enumerate(words) if word.strip("'").endswith("lineage.html")) + 1
    arguments = [word.strip("'\"") for word in words[:end]]
    done = clone.compare(variables(clone, system), *arguments)
    assert done.returncode == 0, done.stderr
    assert all((clone.repo.path / name).stat().st_size for name in written)
