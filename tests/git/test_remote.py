import pytest

from lineage_diff.git.github_names import github_name, github_server, merged_pull_request

URLS = [
    ("https://github.com/owner/name.git", "owner/name"),
    ("https://github.com/owner/name", "owner/name"),
    ("https://github.com/owner/name/", "owner/name"),
    ("https://user:token@github.com/owner/dotted.name.git", "owner/dotted.name"),
    ("https://x-access-token:a@b@github.com/owner/name", "owner/name"),
    ("ssh://git@github.com:22/owner/name.git", "owner/name"),
    ("git@github.com:owner/name.git", "owner/name"),
    ("https://GitHub.example.com:8443/owner/name", "owner/name"),
    ("https://ours.ghe.com/owner/name", "owner/name"),
    ("https://gitlab.com/owner/name.git", None),
    ("https://evil.com/github.com/owner", None),
    ("https://github.com/owner/group/name", None),
    ("https://github.com/owner", None),
    ("https://github.com/owner/na\nme", None),
    ("/srv/git/owner/name", None),
    ("file:///github/owner/name", None),
    ("", None),
]


@pytest.mark.parametrize(("url", "name"), URLS)
def test_name_of_a_url(url: str, name: str | None) -> None:
    assert github_name(url) == name


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
