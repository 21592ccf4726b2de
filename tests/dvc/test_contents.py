"""What Git holds at deps and outs, hashed as the real DVC hashes a work tree."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from dvc_data.hashfile.build import build
from dvc_data.hashfile.db import HashFileDB
from dvc_objects.fs import MemoryFileSystem, localfs

from lineage_diff.dvc import unknown_reasons as unknowns
from lineage_diff.dvc.contents.reader import ContentReader
from lineage_diff.dvc.contents.tree import TrackedTree
from lineage_diff.dvc.hashes import folder_hash
from lineage_diff.dvc.project import ProjectFiles, ProjectRoots
from lineage_diff.git.path_rules import Conversions
from lineage_diff.git.repository import open_repository
from lineage_diff.limits import Limits
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.version import Content, Hash, Version
from lineage_diff.parsing.work_budget import WorkBudget
from tests.support.git_repo import GitRepo

WRONG = "0" * 32


def read(
    repo: GitRepo,
    stages: Iterable[Stage],
    reader: ContentReader | None = None,
    work: WorkBudget | None = None,
) -> dict[str, Content]:
    snapshot = open_repository(repo.path).snapshot(repo.git("rev-parse", "HEAD").strip())
    rules = ProjectFiles(snapshot, "", ProjectRoots(snapshot)).rules
    return (reader or ContentReader()).read(snapshot, stages, rules, work)


def uses(path: str, value: str = WRONG, algorithm: str = "md5") -> Stage:
    dep = Dep(path, path, locked=Version(Hash(algorithm, value)))
    return Stage(f"dvc.yaml:{path}", path, "dvc.yaml", "", deps=(dep,))


def of_dvc(path: Path, algorithm: str) -> str:
    """Hash a path of the work tree with DVC's own library."""
    odb = HashFileDB(MemoryFileSystem(global_store=False), "memory://odb")
    _, _, obj = build(odb, str(path), localfs, algorithm, dry_run=True)
    return str(obj.hash_info.value)


def values(versions: Iterable[Version]) -> list[str]:
    return [version.hash.value for version in versions if version.hash]


@pytest.mark.parametrize("algorithm", ["md5", "md5-dos2unix"])
@pytest.mark.parametrize("path", ["script.py", "dos.txt", "binary.bin", "folder", "folder/deep"])
def test_hashes_are_those_of_dvc(git_repo: GitRepo, path: str, algorithm: str) -> None:
    git_repo.write("script.py", "print(1)\nprint(2)\n")
    git_repo.write("dos.txt", b"a\r\nb\r\n")
    git_repo.write("binary.bin", b"\x00\r\n\xff")
    git_repo.write("folder/b.txt", b"one\r\n")
    git_repo.write("folder/ä.txt", "two\n")
    git_repo.write("folder/deep/a.txt", "")
    git_repo.commit("files")
    held = read(git_repo, [uses(path, algorithm=algorithm)])[path]
    assert values(held.versions) == [of_dvc(git_repo.path / path, algorithm)]
    assert held.unknown is None


def test_folders_in_folders_are_read_together_as_each_of_them_alone(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = ["a", "a/b", "a/b/skipped", "a/b/skipped/c", "a/b/skipped/c/.hg", "a/o", "a/p"]
    git_repo.write("a/.dvcignore", "skipped/\n*.tmp\n")
    for folder in folders:
        for name in ("x.csv", "y.tmp", "z.csv"):
            git_repo.write(f"{folder}/{name}", f"{folder} {name}\n")
    git_repo.write("a/p/.dvc/config", "")
    git_repo.symlink("a/b/link", "../../a/b/x.csv")
    git_repo.symlink("a/b/skipped/made", "../../made.bin")
    git_repo.commit()
    out = Out("a/made.bin", "a/made.bin", locked=Version(Hash("md5", "1" * 32), 7))
    inner = Out("a/o/inner", "a/o/inner", locked=Version(Hash("md5", "2" * 32), 8))
    made = Stage("dvc.yaml:make", "make", "dvc.yaml", "", outs=(inner, out))
    looked: list[str] = []
    look_at = TrackedTree._look_at

    def counted(self: TrackedTree, path: str) -> tuple[int, str | None]:
        looked.append(path)
        return look_at(self, path)

    alone = {path: read(git_repo, [uses(path), made])[path] for path in folders}
    monkeypatch.setattr(TrackedTree, "_look_at", counted)
    together = read(git_repo, [made, *map(uses, folders)])
    assert {path: together[path] for path in folders} == alone
    counts = {path: [v.nfiles for v in content.versions] for path, content in alone.items()}
    assert counts == {
        "a": [10],
        "a/b": [3],
        "a/b/skipped": [3],
        "a/b/skipped/c": [2],
        "a/b/skipped/c/.hg": [2],
        "a/o": [3],
        "a/p": [0],
    }
    # Each file once, whatever the number of folders around it.
    assert len(looked) == len(set(looked)) > 0


def test_a_dvcignored_file_is_left_out_of_its_folder(git_repo: GitRepo) -> None:
    git_repo.write("folder/a.txt", "a")
    git_repo.commit("without")
    plain = read(git_repo, [uses("folder")])["folder"]
    git_repo.write("folder/skip.log", "x")
    git_repo.write("folder/cache/b.txt", "x")
    git_repo.write(".dvcignore", "*.log\ncache/\n")
    git_repo.commit("with what is ignored")
    assert read(git_repo, [uses("folder")])["folder"].versions == plain.versions


def test_other_line_ends_are_told_apart(git_repo: GitRepo) -> None:
    git_repo.write("data.csv", "a\nb\n")
    git_repo.write("folder/data.csv", "a\nb\n")
    git_repo.commit("with LF")
    crlf = hashlib.md5(b"a\r\nb\r\n").hexdigest()
    held = read(git_repo, [uses("data.csv", crlf), uses("folder")])
    assert values(held["data.csv"].eol_versions) == [crlf]
    assert len(held["folder"].eol_versions) == 1
    matched = read(git_repo, [uses("data.csv", hashlib.md5(b"a\nb\n").hexdigest())])
    assert matched["data.csv"].eol_versions == ()


def test_mixed_line_ends_are_hashed_as_either_system_writes_them(git_repo: GitRepo) -> None:
    git_repo.write("a.csv", b"a\r\nb\n")
    git_repo.write("folder/unix", b"1\n")
    git_repo.write("folder/dos", b"2\r\n")
    git_repo.write("folder/both", b"3\r\n\n")
    git_repo.write("folder/bin", b"\0\r\n\n")
    git_repo.commit("with all ends")
    held = read(git_repo, [uses("a.csv"), uses("folder")])
    unix, dos = (hashlib.md5(text).hexdigest() for text in (b"a\nb\n", b"a\r\nb\r\n"))
    assert values(held["a.csv"].eol_versions) == [unix, dos]
    texts = {"unix": b"1%b", "dos": b"2%b", "both": b"3%b%b"}
    for ends, version in zip((b"\n", b"\r\n"), held["folder"].eol_versions, strict=True):
        hashes = {
            name: hashlib.md5(text.replace(b"%b", ends)).hexdigest() for name, text in texts.items()
        }
        hashes["bin"] = hashlib.md5(b"\0\r\n\n").hexdigest()
        assert version.hash is not None
        assert version.hash.value == folder_hash(hashes)
        assert version.size == sum(len(t.replace(b"%b", ends)) for t in texts.values()) + 4


def test_links_are_followed_inside_the_repository_only(git_repo: GitRepo) -> None:
    git_repo.write("real.txt", "x")
    git_repo.symlink("inside", "real.txt")
    git_repo.symlink("outside", "/etc/passwd")
    git_repo.symlink("above", "../../secret")
    git_repo.write("folder/a.txt", "a")
    git_repo.symlink("folder/out", "../../secret")
    git_repo.commit("links")
    names = ("inside", "outside", "above", "folder")
    held = read(git_repo, [uses(name) for name in names])
    assert values(held["inside"].versions) == [hashlib.md5(b"x").hexdigest()]
    assert [held[name].unknown for name in ("outside", "above")] == [unknowns.LINK] * 2
    assert held["folder"].unknown == unknowns.holds("folder/out", unknowns.LINK)


def test_a_link_is_not_a_file_that_holds_the_name_of_its_target(git_repo: GitRepo) -> None:
    """Git stores both as the same blob."""
    git_repo.write("data.txt", "1\n")
    git_repo.write("note.txt", "data.txt")
    git_repo.symlink("link.txt", "data.txt")
    git_repo.commit("files")
    reader = ContentReader()
    contents = read(git_repo, [uses("note.txt")], reader)
    contents |= read(git_repo, [uses("link.txt")], reader)
    hashes = {path: values(content.versions) for path, content in contents.items()}
    assert hashes == {
        path: [of_dvc(git_repo.path / path, "md5")] for path in ("note.txt", "link.txt")
    }
    assert hashes["link.txt"] != hashes["note.txt"]


def test_an_lfs_pointer_is_unknown(git_repo: GitRepo) -> None:
    git_repo.write("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    git_repo.commit("pointer")
    held = read(git_repo, [uses("big.bin")])["big.bin"]
    assert (held.kind, held.versions, held.unknown) == ("lfs", (), unknowns.LFS)


def test_a_folder_is_rebuilt_with_the_outs_in_it(git_repo: GitRepo) -> None:
    git_repo.write("data/a.txt", "a")
    git_repo.write("data/.gitignore", "/made.txt\n")
    git_repo.commit("folder with an out")
    (git_repo.path / "data/made.txt").write_text("made")
    made = Version(Hash("md5", hashlib.md5(b"made").hexdigest()), 4)
    out = Out("data/made.txt", "data/made.txt", locked=made)
    producer = Stage("dvc.yaml:make", "make", "dvc.yaml", "", outs=(out,))
    held = read(git_repo, [producer, uses("data")])["data"]
    assert values(held.versions) == [of_dvc(git_repo.path / "data", "md5")]
    assert held.versions[0].nfiles == 3
    listing = Out("data/made.txt", "data/made.txt", locked=Version(Hash("md5", WRONG + ".dir")))
    unlisted = Stage("dvc.yaml:make", "make", "dvc.yaml", "", outs=(listing,))
    assert read(git_repo, [unlisted, uses("data")])["data"].unknown == unknowns.holds_listing(
        "data/made.txt"
    )


def test_what_two_commits_share_is_the_same_object(git_repo: GitRepo) -> None:
    git_repo.write("a.py", "1")
    git_repo.write("b.py", "1")
    git_repo.commit("one")
    reader = ContentReader()
    before = read(git_repo, [uses("a.py"), uses("b.py")], reader)
    git_repo.write("b.py", "2")
    git_repo.commit("two")
    after = read(git_repo, [uses("a.py"), uses("b.py")], reader)
    assert after["a.py"] is before["a.py"]
    assert after["b.py"] != before["b.py"]


def test_a_path_that_git_does_not_hold_is_not_there(git_repo: GitRepo) -> None:
    git_repo.write("a.py", "1")
    git_repo.commit("one")
    assert list(read(git_repo, [uses("a.py"), uses("gone.py")])) == ["a.py"]


def test_another_project_holds_no_files_of_a_folder(git_repo: GitRepo) -> None:
    git_repo.write("code/a.py", "a\n")
    git_repo.write("code/in/.dvc/config", "")
    git_repo.write("code/in/b.py", "b\n")
    git_repo.commit("files")
    held = read(git_repo, [uses("code"), uses("code/in")])
    shutil.rmtree(git_repo.path / "code/in")
    # What the real DVC records of both; its own library hashes a folder without `.dvcignore`.
    assert values(held["code"].versions) == [of_dvc(git_repo.path / "code", "md5")]
    assert values(held["code/in"].versions) == ["d751713988987e9331980363e24189ce.dir"]


def test_a_folder_that_costs_too_much_to_list_is_unknown(git_repo: GitRepo) -> None:
    for number in range(10):
        git_repo.write(f"big/{number}", "x")
    git_repo.write("small/a", "a")
    git_repo.commit("files")
    held = read(git_repo, [uses("big"), uses("small")], work=WorkBudget(Limits(work_steps=100)))
    assert values(held["small"].versions) == [of_dvc(git_repo.path / "small", "md5")]
    reason = (
        "listing the files of the folders that stages depend on takes more work than one commit "
        "may cost: 100 steps are used up"
    )
    assert held["big"] == Content(
        git_repo.git("rev-parse", "HEAD:big"), "directory", (), (), reason
    )


def test_what_lies_behind_a_submodule_is_seen(git_repo: GitRepo) -> None:
    git_repo.write("folder/a.txt", "a")
    git_repo.write("folder/z.txt", "z")
    commit = git_repo.commit()
    git_repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},folder/m")
    git_repo.git("commit", "-q", "-m", "submodule")
    held = read(git_repo, [uses("folder")])["folder"]
    assert (held.versions, held.kind) == ((), "directory")
    assert held.unknown == f"it holds `folder/m`: {unknowns.SUBMODULE}"
    (git_repo.path / "folder/m").mkdir()
    git_repo.write("folder/z.txt", "zz")
    git_repo.git("commit", "-q", "-m", "edit", "--", "folder/z.txt")
    edited = read(git_repo, [uses("folder")])["folder"]
    assert (edited.unknown, edited.seen != held.seen) == (held.unknown, True)


def test_what_a_submodule_holds_is_unknown(git_repo: GitRepo) -> None:
    commit = "1" * 40
    git_repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},ext")
    git_repo.symlink("link", "ext/data")
    git_repo.git("add", "link")
    git_repo.git("commit", "-q", "-m", "submodule")
    held = read(git_repo, [uses("ext"), uses("ext/data/x.csv"), uses("link")])
    assert held == {
        "ext": Content(commit, "submodule", unknown=unknowns.SUBMODULE),
        "ext/data/x.csv": Content(commit, "in-submodule", unknown=unknowns.IN_SUBMODULE),
        "link": Content(commit, "in-submodule", unknown=unknowns.IN_SUBMODULE),
    }


ATTRIBUTES = """\
# *.md filter=commented
[attr]notebook filter=strip -diff
[attr]plain !filter
*.ipynb notebook
"two words.txt" filter=crypt
*.txt ident text
/top.csv working-tree-encoding=UTF-16
deep/** filter=all
deep/*.raw -filter
folder/ filter=no-file-of-a-folder
!bang.txt filter=negative
*.bin filter=lfs diff=lfs merge=lfs -text
*.set filter
"""
INNER = """\
[attr]own filter=no-macro-below-the-top
*.ipynb -filter
kept.ipynb filter=again
*.md plain
*.raw plain
*.nb notebook
*.own own
"""


@pytest.mark.parametrize(
    "path",
    [
        "a.md", "a.ipynb", "inner/a.ipynb", "inner/kept.ipynb", "inner/below/a.ipynb", "bang.txt",
        "two words.txt", "b.txt", "top.csv", "inner/top.csv", "deep/a", "deep/er/a", "deep/a.raw",
        "deep/er/a.raw", "deep", "folder/a", "inner/folder/a", "c.set", "inner/a.md", "a.ipynb/a",
        "inner/a.nb", "a.nb", "inner/a.own", "inner/below/a.nb", "deep/inner/a.raw",
    ],
)  # fmt: skip
def test_conversions_are_those_of_git(git_repo: GitRepo, path: str) -> None:
    git_repo.write(".gitattributes", ATTRIBUTES)
    git_repo.write("inner/.gitattributes", INNER)
    git_repo.write("deep/inner/.gitattributes", INNER)
    git_repo.commit()
    names = ("filter", "ident", "working-tree-encoding")
    answers = git_repo.git("check-attr", "-z", *names, "--", path).split("\0")[:-1]
    given = zip(answers[1::3], answers[2::3], strict=True)
    found = next(((n, v) for n, v in given if v not in ("unspecified", "unset")), (None, ""))
    assert _conversion_of(git_repo, path) == found[0]
    written = {"": None, "set": found[0]}.get(found[1], f"{found[0]}={found[1]}")
    assert _conversions(git_repo).setting(path) == written


def test_the_filter_of_lfs_converts_what_is_no_pointer_to_itself(git_repo: GitRepo) -> None:
    git_repo.write(".gitattributes", "* filter=crypt\n*.bin filter=lfs\n")
    git_repo.commit()
    assert _conversion_of(git_repo, "a.bin") is None
    assert _conversion_of(git_repo, "a.txt") == "filter"


def _conversion_of(repo: GitRepo, path: str) -> str | None:
    return _conversions(repo).attribute(path)


def _conversions(repo: GitRepo) -> Conversions:
    snapshot = open_repository(repo.path).snapshot(repo.git("rev-parse", "HEAD"))
    return Conversions(snapshot, WorkBudget())
