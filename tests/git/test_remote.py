import pytest

from lineage_diff.git.remote_name import github_name

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
