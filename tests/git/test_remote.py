import pytest

from lineage_diff.git.github_names import github_server, merged_pull_request
from lineage_diff.git.remote_address import remote_address, written_address

# A URL, its repository, and the address of its page.
URLS = [
    ("https://github.com/owner/name.git", "github.com/owner/name", "https://github.com/owner/name"),
    ("https://github.com/owner/name", "github.com/owner/name", "https://github.com/owner/name"),
    ("https://GitHub.com/owner/name/", "github.com/owner/name", "https://github.com/owner/name"),
    (
        "https://user:token@github.com/owner/dotted.name.git",
        "github.com/owner/dotted.name",
        "https://github.com/owner/dotted.name",
    ),
    (
        "https://x-access-token:a@b@github.com/owner/name",
        "github.com/owner/name",
        "https://github.com/owner/name",
    ),
    (
        "ssh://git@github.com:22/owner/name.git",
        "github.com/owner/name",
        "https://github.com/owner/name",
    ),
    ("git@github.com:owner/name.git", "github.com/owner/name", "https://github.com/owner/name"),
    ("git://github.com/owner/name.git", "github.com/owner/name", "https://github.com/owner/name"),
    (
        "https://me:secret@git.example.com:8443/group/sub/name.git",
        "git.example.com/group/sub/name",
        "https://git.example.com:8443/group/sub/name",
    ),
    (
        "ssh://git@git.example.com:2222/group/sub/name.git",
        "git.example.com/group/sub/name",
        "https://git.example.com/group/sub/name",
    ),
    (
        "http://git.example.com/name.git",
        "git.example.com/name",
        "http://git.example.com/name",
    ),
    (
        "https://me@dev.azure.com/org/project/_git/name",
        "dev.azure.com/org/project/_git/name",
        "https://dev.azure.com/org/project/_git/name",
    ),
    (
        "git@ssh.dev.azure.com:v3/org/project/name",
        "dev.azure.com/org/project/_git/name",
        "https://dev.azure.com/org/project/_git/name",
    ),
]
NO_REPOSITORY = [
    "https://github.com/owner/../name",
    "https://github.com/owner//name",
    "https://github.com/owner/na\nme",
    "https://github.com/owner/name?token=secret",
    "https://github.com/",
    "C:/repositories/name",
    "/srv/git/owner/name",
    "../name",
    "file:///github/owner/name",
    "github.com/owner/name",
    "",
]


@pytest.mark.parametrize(("url", "id_", "web"), URLS)
def test_repository_of_a_url(url: str, id_: str, web: str) -> None:
    found = remote_address(url)
    assert found is not None
    assert (found.id, found.web) == (id_, web)


@pytest.mark.parametrize("url", NO_REPOSITORY)
def test_what_names_no_repository_on_a_server(url: str) -> None:
    assert remote_address(url) is None


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("github.com/owner/name", "github.com/owner/name"),
        ("git.example.com:8443/group/sub/name", "git.example.com/group/sub/name"),
        ("https://me:secret@github.com/owner/name.git", "github.com/owner/name"),
        ("owner/name", None),
        ("name", None),
    ],
)
def test_repository_that_a_person_writes(text: str, id_: str | None) -> None:
    found = written_address(text)
    assert (found.id if found is not None else None) == id_


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://github.com/owner/name.git", "https://github.com"),
        ("https://user:token@github.com/owner/name.git", "https://github.com"),
        ("https://GitHub.example.com:8443/owner/name", "https://GitHub.example.com:8443"),
        ("http://github.example.com/owner/name", "http://github.example.com"),
        ("ssh://git@github.com:22/owner/name.git", "https://github.com"),
        ("git@ours.ghe.com:owner/name.git", "https://ours.ghe.com"),
        ("https://gitlab.com/owner/name.git", None),
        ("/srv/git/owner/name", None),
    ],
)
def test_server_of_a_url(url: str, server: str | None) -> None:
    assert github_server(url) == server


SUBJECTS = [
    ("Merge pull request #12 from octo/branch", 12),
    ("Train for longer (#7)", 7),
    ("Train for longer (#7) again", None),
    ("Fix #7", None),
    ("Merge pull request #12", None),
    ("Merge pull request #1234567890 from octo/branch", None),
    ("See: Merge pull request #12 from octo/branch", None),
    ("", None),
]


@pytest.mark.parametrize(("subject", "number"), SUBJECTS)
def test_pull_request_of_a_merge(subject: str, number: int | None) -> None:
    assert merged_pull_request(subject) == number
