import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from lineage_diff.forge.github.images import (
    blob_id,
    commit_id,
    expected_urls,
    host_images,
    remove_images,
    tree_id,
)
from tests.publish.conftest import IMAGES, NAME, NEW, OLD, Place, target
from tests.support.git_repo import git_environment
from tests.support.github import CUT_AFTER, CUT_BEFORE, Fault, error


def test_ids_are_those_that_git_gives(tmp_path: Path) -> None:
    def git(*args: str, stdin: bytes = b"", **environment: str) -> str:
        done = subprocess.run(
            ("git", *args),
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            check=True,
            env=git_environment() | environment,
        )
        return done.stdout.decode().strip()

    git("init", "-q")
    blobs = {name: git("hash-object", "-w", "--stdin", stdin=name.encode()) for name in ("a", "b")}
    assert blobs == {name: blob_id(name.encode()) for name in ("a", "b")}
    rows = "".join(f"100644 blob {oid}\t{name}\n" for name, oid in blobs.items())
    tree = git("mktree", stdin=rows.encode())
    assert tree_id(dict(reversed(blobs.items()))) == tree
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "N"), ("EMAIL", "e@x"), ("DATE", "946684800 +0000"))
    }
    text = f"tree {tree}\nauthor N <e@x> 946684800 +0000\ncommitter N <e@x> 946684800 +0000\n\nWhy"
    made = git("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode(), **who)
    assert commit_id(tree, "N <e@x>", 946_684_800, "Why") == made


def test_pictures_are_where_they_were_expected_and_no_branch_holds_them(place: Place) -> None:
    urls = host_images(place.github(), target(), IMAGES, place.server.url)
    assert urls == expected_urls(IMAGES, place.server.url, NAME)
    store = place.server.state.repositories[NAME].store
    assert [name for name, *_ in store.refs("refs/")] == place.refs()
    commit = urls.light.split("/blob/")[1].partition("/")[0]
    assert store.text("cat-file", "commit", commit).count("parent") == 0
    assert store.git("show", f"{commit}:graph-dark.png") == IMAGES.dark


def test_further_pictures_are_hosted_beside_the_graph(place: Place) -> None:
    images = replace(IMAGES, others={"plot-01-light.png": b"one", "plot-02-after.svg": b"two"})
    urls = host_images(place.github(), target(), images, place.server.url)
    assert urls == expected_urls(images, place.server.url, NAME)
    commit = urls.light.split("/blob/")[1].partition("/")[0]
    store = place.server.state.repositories[NAME].store
    for name, content in images.others.items():
        assert urls.others[name].endswith(f"/blob/{commit}/{name}?raw=true")
        assert store.git("show", f"{commit}:{name}") == content


def test_hosting_the_same_again_is_no_error(place: Place) -> None:
    github = place.github()
    first = host_images(github, target(), IMAGES, place.server.url)
    assert host_images(github, target(), IMAGES, place.server.url) == first


@pytest.mark.parametrize("fault", [CUT_BEFORE, CUT_AFTER, error(502)], ids=lambda one: one.name)
def test_pictures_are_hosted_whichever_answer_is_lost(place: Place, fault: Fault) -> None:
    host_images(place.github(), target(OLD), IMAGES, place.server.url)
    requests = len(place.server.log)
    for number in range(1, requests + 1):
        place.server.faults.at(len(place.server.log) + number, fault)
        urls = host_images(place.github(), target(NEW), IMAGES, place.server.url)
        assert urls == expected_urls(IMAGES, place.server.url, NAME)
        assert len(place.refs()) == 2
        place.server.faults.clear()
    assert sum(bool(one.fault) for one in place.server.log) == requests


def test_a_closed_pull_request_s_pictures_go_and_no_other_s(place: Place) -> None:
    github = place.github()
    place.server.state.add_pull(NAME, head_sha=NEW, number=10)
    for name in ("lineage-diff", "ranking"):
        host_images(github, target(OLD, name=name), IMAGES, place.server.url)
    host_images(github, replace(target(NEW), pull_request=10), IMAGES, place.server.url)
    assert remove_images(github, NAME, 1) == ()
    assert place.refs() == [f"refs/lineage-diff/pr-10/lineage-diff/{NEW[:12]}"]
    assert remove_images(github, NAME, 1) == ()


def test_what_may_not_be_removed_is_a_note(place: Place) -> None:
    host_images(place.github(), target(), IMAGES, place.server.url)
    reader = place.github(place.server.token(contents="read"))
    (note,) = remove_images(reader, NAME, 1)
    assert (note.what, note.why) == ("cleanup", "forbidden")
    assert "Resource not accessible" in note.detail
