"""Code owners, by the examples of GitHub's own page."""

import pytest

from lineage_diff.config.codeowners import CodeOwners, lines_of, read_codeowners
from lineage_diff.git.repository import open_repository
from tests.support.git_repo import GitRepo


def owners(text: str) -> CodeOwners:
    return CodeOwners("CODEOWNERS", tuple(lines_of(text))[::-1])


# Pattern, paths that it matches, paths that it does not.
PATTERNS = [
    ("*", ["a", "a/b.js"], []),
    ("*.js", ["a.js", "src/a.js"], ["a.json", "js"]),
    ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["a/build/logs/x", "build/logs"]),
    ("docs/*", ["docs/a.md"], ["docs/build-app/a.md", "x/docs/a.md"]),
    ("apps/", ["apps/a", "x/apps/a/b"], ["apps", "apps.txt"]),
    ("/docs/", ["docs/a", "docs/b/c"], ["x/docs/a"]),
    ("/scripts/", ["scripts/a"], ["x/scripts/a"]),
    ("**/logs", ["build/logs/x", "scripts/logs/y", "deeply/nested/logs/z", "logs/a"], ["logs2/a"]),
    ("/apps/github", ["apps/github", "apps/github/x"], ["apps/github2"]),
    ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["x/a/b"]),
    ("models/**", ["models/a", "models/a/b"], ["models", "x/models/a"]),
    ("model?.pkl", ["model1.pkl", "x/model2.pkl"], ["model.pkl", "model/.pkl"]),
    ("with\\ space.pkl", ["with space.pkl"], ["with"]),
    ("a.b", ["a.b"], ["aXb"]),
]


@pytest.mark.parametrize(("pattern", "yes", "no"), PATTERNS, ids=[row[0] for row in PATTERNS])
def test_a_pattern_matches_as_github_says(pattern: str, yes: list[str], no: list[str]) -> None:
    found = owners(f"{pattern} @octo-org/octocats\n")
    assert [path for path in yes if not found.of(path)] == []
    assert [path for path in no if found.of(path)] == []


FILE = """\
# The last match counts.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
/apps/ @octocat
/apps/github
/apps/both/ @doctocat @octocat
"""


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a", ("@global-owner1", "@global-owner2")),
        ("src/a.js", ("@js-owner",)),
        ("a.go", ("docs@example.com",)),
        ("apps/a.js", ("@octocat",)),
        ("apps/github/a.js", ()),
        ("apps/both/x", ("@doctocat", "@octocat")),
    ],
)
def test_the_last_line_that_matches_counts(path: str, wanted: tuple[str, ...]) -> None:
    assert owners(FILE).of(path) == wanted


@pytest.mark.parametrize(
    "line",
    ["!*.pkl @b", "[ab].pkl @b", "\\#a @b", "*.pkl not-an-owner", "/ @b", "**/**/**/**/a @b", ""],
)
def test_a_line_that_github_does_not_take_is_skipped(line: str) -> None:
    assert owners(f"* @a\n{line}\n").of("a.pkl") == ("@a",)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({".github/CODEOWNERS": "* @a\n", "CODEOWNERS": "* @b\n"}, ("@a",)),
        ({"CODEOWNERS": "* @b\n", "docs/CODEOWNERS": "* @c\n"}, ("@b",)),
        ({"docs/CODEOWNERS": "* @c\n"}, ("@c",)),
        ({"CODEOWNERS": "* @b\n" + "#" * 3 * 1024 * 1024, "docs/CODEOWNERS": "* @c\n"}, ()),
        ({"README.md": "* @a\n"}, ()),
    ],
)
def test_the_first_of_three_places_counts(
    git_repo: GitRepo, files: dict[str, str], wanted: tuple[str, ...]
) -> None:
    for path, text in files.items():
        git_repo.write(path, text)
    snapshot = open_repository(git_repo.path).snapshot(git_repo.commit())
    assert read_codeowners(snapshot).of("models/a.pkl") == wanted
