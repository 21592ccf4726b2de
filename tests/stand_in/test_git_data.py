from base64 import b64decode, b64encode
from pathlib import Path

import pytest
import requests
from github import GithubException, InputGitTreeElement
from github.GitCommit import GitCommit

from tests.stand_in.conftest import NAME, Asked, status_of
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer

PICTURE = b"\x89PNG\r\n\x1a\n\0\xff"
REF = "refs/lineage-diff/1"


def commit_of(asked: Asked, content: bytes, *parents: GitCommit) -> GitCommit:
    blob = asked.repository.create_git_blob(b64encode(content).decode(), "base64")
    entry = InputGitTreeElement("light.png", "100644", "blob", sha=blob.sha)
    tree = asked.repository.create_git_tree([entry])
    return asked.repository.create_git_commit("Pictures", tree, list(parents))


def test_a_file_is_committed_and_served(asked: Asked) -> None:
    commit = commit_of(asked, PICTURE)
    asked.repository.create_git_ref(REF, commit.sha)
    page = f"{asked.server.url}/{NAME}/blob/{commit.sha}/light.png"
    got = requests.get(f"{page}?raw=true", timeout=15)
    assert (got.status_code, got.content) == (200, PICTURE)
    assert got.headers["Content-Type"] == "image/png"
    assert [one.status_code for one in got.history] == [302]
    assert requests.get(page.replace("light", "dark"), timeout=15).status_code == 404


def test_of_a_private_repository_no_file_is_served(asked: Asked) -> None:
    private = asked.server.state.add_repository("octo/private", private=True)
    private.store.path.symlink_to(asked.server.state.repositories[NAME].store.path)
    commit = commit_of(asked, PICTURE)
    served = [
        requests.get(f"{asked.server.url}/{name}/raw/{commit.sha}/light.png", timeout=15)
        for name in (NAME, "octo/private")
    ]
    assert [one.status_code for one in served] == [200, 404]


def test_objects_are_git_s_own(asked: Asked) -> None:
    commit = commit_of(asked, PICTURE)
    store = asked.server.state.repositories[NAME].store
    assert store.read("blob", f"{commit.sha}:light.png") == PICTURE
    again = asked.repository.get_git_commit(commit.sha)
    assert (again.message, again.author.name) == ("Pictures", "github-actions[bot]")
    (entry,) = asked.repository.get_git_tree(again.tree.sha).tree
    assert (entry.path, entry.size) == ("light.png", len(PICTURE))
    assert b64decode(asked.repository.get_git_blob(entry.sha).content) == PICTURE
    with pytest.raises(GithubException) as error:
        asked.repository.get_git_blob("0" * 40)
    assert status_of(error) == (404, "Not Found")


def test_a_tree_is_built_on_another(asked: Asked) -> None:
    first = commit_of(asked, PICTURE)
    entries = [
        InputGitTreeElement("notes/a.txt", "100644", "blob", content="A"),
        InputGitTreeElement("light.png", "100644", "blob", sha=None),
    ]
    tree = asked.repository.create_git_tree(entries, base_tree=first.tree)
    assert [one.path for one in tree.tree] == ["notes"]
    whole = asked.repository.get_git_tree(tree.sha, recursive=True)
    assert [(one.path, one.type) for one in whole.tree] == [
        ("notes", "tree"),
        ("notes/a.txt", "blob"),
    ]


def test_refs_are_made_moved_and_deleted(asked: Asked) -> None:
    first = commit_of(asked, b"1")
    second = commit_of(asked, b"2", first)
    ref = asked.repository.create_git_ref(REF, first.sha)
    ref.edit(second.sha)
    assert asked.repository.get_git_ref(REF.removeprefix("refs/")).object.sha == second.sha
    with pytest.raises(GithubException) as error:
        ref.edit(first.sha)
    assert status_of(error) == (422, "Update is not a fast forward")
    ref.edit(first.sha, force=True)
    matching = asked.repository.get_git_matching_refs("lineage-diff/")
    assert [(one.ref, one.object.sha) for one in matching] == [(REF, first.sha)]
    ref.delete()
    assert list(asked.repository.get_git_matching_refs("lineage-diff/")) == []
    with pytest.raises(GithubException) as error:
        ref.delete()
    assert status_of(error) == (422, "Reference does not exist")


@pytest.mark.parametrize(
    ("ref", "known", "message"),
    [
        (REF, True, "Reference already exists"),
        ("lineage-diff", True, "Reference name must start with 'refs/' and contain"),
        ("refs/pull/1/head", True, "Reference update failed: deny updating a hidden ref"),
        ("refs/lineage-diff/2", False, "Object does not exist"),
    ],
)
def test_a_ref_that_is_refused(asked: Asked, ref: str, known: bool, message: str) -> None:
    commit = commit_of(asked, PICTURE)
    asked.repository.create_git_ref(REF, commit.sha)
    with pytest.raises(GithubException) as error:
        asked.repository.create_git_ref(ref, commit.sha if known else "0" * 40)
    status, said = status_of(error)
    assert status == 422
    assert said.startswith(message)


def test_writing_takes_the_permission(asked: Asked) -> None:
    read_only = asked.by(asked.server.token(contents="read", pull_requests="write"))
    with pytest.raises(GithubException) as error:
        read_only.repository.create_git_blob("A", "utf-8")
    assert status_of(error) == (403, "Resource not accessible by integration")


@pytest.fixture
def origin(github: GitHubServer, tmp_path: Path) -> GitRepo:
    """The Git repository of a private repository at the stand-in."""
    repo = GitRepo(tmp_path / "origin")
    repo.write("a.txt", "A")
    repo.commit()
    repo.write("a.txt", "B")
    repo.commit()
    github.state.add_repository("octo/private", private=True, git=repo.path)
    return repo


def fetched(github: GitHubServer, folder: Path, name: str, token: str, commit: str) -> str:
    repo = GitRepo(folder)
    login = f"x-access-token:{token}@" if token else ""
    url = github.url.replace("://", f"://{login}")
    repo.git("-c", "core.askPass=true", "fetch", "-q", "--depth=1", f"{url}/{name}", commit)
    return repo.git("rev-parse", "FETCH_HEAD")


@pytest.mark.parametrize("name", ["octo/private", "octo/private.git"])
def test_git_fetches_any_commit(
    github: GitHubServer, origin: GitRepo, tmp_path: Path, name: str
) -> None:
    older = origin.git("rev-parse", "HEAD~1")
    token = github.token(contents="read")
    assert fetched(github, tmp_path / "clone", name, token, older) == older
    assert [(one.method, one.status) for one in github.log if one.client == token] == [
        ("GET", 200),
        ("POST", 200),
        ("POST", 200),
    ]


def test_git_fetches_nothing_private_without_the_permission(
    github: GitHubServer, origin: GitRepo, tmp_path: Path
) -> None:
    tokens = ["", "unknown", github.token(pull_requests="write")]
    tokens.append(github.token(contents="read", repositories=["octo/other"]))
    for number, token in enumerate(tokens):
        with pytest.raises(AssertionError, match="fatal"):
            fetched(github, tmp_path / f"{number}", "octo/private", token, "HEAD")


def test_a_pull_request_s_head_comes_from_its_fork(
    github: GitHubServer, origin: GitRepo, tmp_path: Path
) -> None:
    fork = origin.clone(tmp_path / "fork")
    fork.write("a.txt", "C")
    head = fork.commit()
    github.state.add_repository("her/private", git=fork.path, fork_of="octo/private")
    github.state.add_pull("octo/private", head_sha=head, head_repository="her/private")
    assert origin.git("rev-parse", "refs/pull/1/head") == head
