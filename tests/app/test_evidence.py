"""`lineage-diff evidence`: the folder, as a user writes it, and its verification."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from lineage_diff.cli.main import main
from tests.support.audit_repo import AuditRepo, content, past_repo
from tests.support.git_repo import GitRepo
from tests.support.odd_models import EVIL, OddModels

FILES = {
    "annex-iv.html",
    "annex-iv.md",
    "audit.html",
    "audit.json",
    "manifest.json",
    "ml-bom.cdx.json",
    "model-card.html",
    "model-card.md",
    "statement.intoto.json",
}
POINTS = [
    *("1", *(f"1({letter})" for letter in "abcdefgh")),
    *("2", *(f"2({letter})" for letter in "abcdefgh")),
    *map(str, range(3, 10)),
]
PERSON = "To be written by a person"
HARD_WORDS = re.compile(r"complian|complies|comply|conform(?!ity\b)|certif", re.IGNORECASE)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    repo = past_repo(tmp_path_factory.mktemp("past"))
    repo.git("remote", "add", "origin", "https://user:secret@github.com/acme/churn.git")
    return repo


@pytest.fixture(scope="module")
def made(past: AuditRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "evidence"
    assert write(past, folder, "churn@v2.0.0") == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of the folder, to be changed."""
    copy = tmp_path / "evidence"
    copy.mkdir()
    for file in made.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def write(repo: GitRepo, folder: Path, model: str, *options: str) -> int:
    return main(["evidence", model, "-o", str(folder), "--repo", str(repo.path), *options])


def verify(repo: GitRepo, folder: Path) -> int:
    return main(["evidence", "verify", str(folder), "--repo", str(repo.path)])


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_folder_of_a_version(past: AuditRepo, made: Path) -> None:
    files = bytes_of(made)
    assert files.keys() == FILES
    manifest = json.loads(files["manifest.json"])
    assert manifest["commit"] == past.commits["retrained"]
    assert manifest["model"] == "model.pkl"
    assert manifest["version"]["tag"] == "churn@v2.0.0"
    assert {item["name"]: item["sha256"] for item in manifest["files"]} == {
        name: sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"
    }
    card = files["model-card.md"].decode()
    assert f"md5:{content('four')}" in card
    assert f"md5:{content('fixed')}" in card
    assert past.commits["retrained"][:7] in card
    assert "| `accuracy` | 0.9 |" in card
    assert b"secret" not in b"".join(files.values())


def test_a_heading_for_each_point_and_a_mark_where_a_person_must_write(made: Path) -> None:
    text = (made / "annex-iv.md").read_text(encoding="utf-8")
    parts = re.split(r"^###? ", text, flags=re.MULTILINE)[1:-1]
    assert [re.split(r"\.? ", part)[0] for part in parts] == POINTS
    unmarked = [part.split(" ")[0] for part in parts if PERSON not in part]
    assert unmarked == ["1.", "2."]
    page = (made / "annex-iv.html").read_text(encoding="utf-8")
    assert page.count(PERSON) == text.count(PERSON)


def test_no_word_claims_that_a_requirement_is_met(made: Path) -> None:
    for name, data in bytes_of(made).items():
        assert HARD_WORDS.findall(data.decode()) == [], name


def test_the_same_commit_gives_the_same_bytes_whatever_the_tags_are(
    past: AuditRepo, made: Path, tmp_path: Path
) -> None:
    clone = GitRepo(tmp_path / "clone")
    clone.git("pull", "-q", str(past.path), "main", "--tags")
    clone.git("remote", "add", "origin", "git@github.com:acme/churn.git")
    clone.git("checkout", "-q", past.commits["first"])
    for tag in ("churn#prod#2", "churn@v3.0.0"):
        clone.git("tag", "-a", "-m", tag, tag, past.commits["retrained"])
    clone.git("tag", "-d", "churn@v1.0.0")
    assert write(clone, tmp_path / "again", "churn@v2.0.0") == 0
    assert bytes_of(tmp_path / "again") == bytes_of(made)


def test_the_folder_verifies_also_in_a_clone_from_elsewhere(
    past: AuditRepo, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(past, made) == 0
    assert "all 9 files are the bytes that Git gives" in capsys.readouterr().out
    clone = GitRepo(tmp_path / "clone")
    clone.git("pull", "-q", str(past.path), "main", "--tags")
    assert verify(clone, made) == 0


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
@pytest.mark.parametrize("at", [0, 0.5, 1])
def test_a_changed_byte_is_named(
    past: AuditRepo, folder: Path, capsys: pytest.CaptureFixture[str], name: str, at: float
) -> None:
    data = bytearray((folder / name).read_bytes())
    data[int(at * (len(data) - 1))] ^= 1
    (folder / name).write_bytes(data)
    assert verify(past, folder) == 1
    assert re.findall("✗.*", capsys.readouterr().out) == [f"✗ changed: {name}"]


@pytest.mark.parametrize("share", range(0, 100, 7))
def test_a_changed_byte_of_the_manifest_is_named(
    past: AuditRepo, folder: Path, capsys: pytest.CaptureFixture[str], share: int
) -> None:
    path = folder / "manifest.json"
    data = bytearray(path.read_bytes())
    data[len(data) * share // 100] ^= 1
    path.write_bytes(data)
    assert verify(past, folder) in (1, 2)
    out, err = capsys.readouterr()
    assert "manifest.json" in out + err


def _missing(folder: Path) -> None:
    (folder / "audit.json").unlink()


def _extra(folder: Path) -> None:
    (folder / ".hidden").write_text("x", encoding="utf-8")
    (folder / "more").mkdir()


def _longer(folder: Path) -> None:
    with (folder / "model-card.md").open("a", encoding="utf-8") as file:
        file.write("\n")


def _linked(folder: Path) -> None:
    target = folder.parent / "target"
    (folder / "audit.html").rename(target)
    (folder / "audit.html").symlink_to(target)


def _folder(folder: Path) -> None:
    (folder / "audit.html").unlink()
    (folder / "audit.html").mkdir()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_missing, ["missing: audit.json"]),
        (_extra, ["extra: .hidden", "extra: more"]),
        (_longer, ["changed: model-card.md"]),
        (_linked, ["changed: audit.html"]),
        (_folder, ["changed: audit.html"]),
    ],
)
def test_every_other_difference_is_named(
    past: AuditRepo,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Path], None],
    named: list[str],
) -> None:
    change(folder)
    assert verify(past, folder) == 1
    assert re.findall("✗ (.*)", capsys.readouterr().out) == named


def test_a_tag_that_was_moved(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = past_repo(tmp_path)
    other.git("tag", "-d", "churn@v2.0.0")
    assert verify(other, made) == 1
    assert "the tag churn@v2.0.0 names no commit here" in " ".join(capsys.readouterr().out.split())
    other.git("tag", "-a", "-m", "x", "churn@v2.0.0", other.commits["first"])
    assert verify(other, made) == 1
    assert f"names {other.commits['first']}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("model", ["clf", "models/old.pkl", "models/sizeless.pt", "plain"])
def test_odd_names_versions_and_metadata(tmp_path: Path, model: str) -> None:
    repo = OddModels(tmp_path / "odd")
    folder = tmp_path / "evidence"
    assert write(repo, folder, model) == 0
    assert verify(repo, folder) == 0
    files = bytes_of(folder)
    pages = {name: data.decode() for name, data in files.items() if name.endswith(".html")}
    for name, page in pages.items():
        assert "<script>alert" not in page, name
        assert "javascript:b" not in re.findall('href="([^"]*)', page), name
    if model == "clf":
        shown = re.sub("<[^>]*>", "", pages["model-card.html"])
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
        assert "intended_purpose" in shown
        assert json.loads(files["ml-bom.cdx.json"])["components"]
        assert EVIL in json.dumps(json.loads(files["audit.json"]), ensure_ascii=False)
    if model == "plain":
        assert files.keys() == FILES - {"statement.intoto.json"}
        (left,) = json.loads(files["manifest.json"])["left_out"]
        assert left["name"] == "statement.intoto.json"
        assert "statement.intoto.json" in files["model-card.md"].decode()


def test_the_record_of_a_gate(
    past: AuditRepo, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, folder = tmp_path / "record.json", tmp_path / "evidence"
    gate = ["gate", "churn@v2.0.0", "-o", str(record), "--repo", str(past.path)]
    assert main(gate) in (0, 1)
    assert write(past, folder, "churn@v2.0.0", "--gate", str(record)) == 0
    files = bytes_of(folder)
    assert files.pop("promotion.json") == record.read_bytes()
    assert b"churn" in files.pop("promotion.md")
    manifest = json.loads(files.pop("manifest.json"))
    given = {item["name"] for item in manifest["files"] if item["given"]}
    assert given == {"promotion.json", "promotion.md"}
    assert files == {k: v for k, v in bytes_of(made).items() if k != "manifest.json"}
    assert verify(past, folder) == 0
    assert "promotion.json, promotion.md were handed in" in capsys.readouterr().out
    (folder / "promotion.json").write_bytes(record.read_bytes().replace(b"churn", b"chorn", 1))
    (folder / "promotion.md").unlink()
    assert verify(past, folder) == 1
    named = re.findall("✗ (.*)", capsys.readouterr().out)
    assert named == ["changed: promotion.json", "missing: promotion.md"]
    assert write(past, tmp_path / "x", "churn@v1.0.0", "--gate", str(record)) == 2
    assert "the record is about model.pkl at" in capsys.readouterr().err
    assert write(past, tmp_path / "x", "churn@v2.0.0", "--gate", str(made / "audit.json")) == 2


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("churn",), "evidence is a folder of files"),
        (("churn", "-o", "-"), "evidence is a folder of files"),
        (("verify",), "verify takes a folder"),
        (("verify", "nowhere"), "the folder has no manifest"),
        (("chum", "-o", "x"), "no model 'chum'"),
        (("churn@v9", "-o", "x"), "no version 'v9' of churn"),
        (("churn@v2.0.0", "-o", "x", "--rev", "main"), "determines the commit"),
        (("churn", "-o", "/proc/none"), "cannot write the folder"),
    ],
)
def test_what_cannot_be_written(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], error: str
) -> None:
    assert main(["evidence", *arguments, "--repo", str(past.path)]) == 2
    assert error in capsys.readouterr().err


def test_no_evidence_from_a_shallow_clone(
    past: AuditRepo, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = tmp_path / "shallow"
    past.git("clone", "-q", "--depth", "1", past.path.as_uri(), str(clone))
    assert write(GitRepo(clone), tmp_path / "x", "churn") == 2
    assert "the clone is shallow" in capsys.readouterr().err
    assert verify(GitRepo(clone), made) == 2


def test_other_files_are_kept_and_links_are_not_followed(
    past: AuditRepo, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = folder.parent / "outside"
    outside.write_text("mine", encoding="utf-8")
    (folder / "audit.html").unlink()
    (folder / "audit.html").symlink_to(outside)
    assert write(past, folder, "churn@v2.0.0") == 0
    assert outside.read_text(encoding="utf-8") == "mine"
    assert verify(past, folder) == 0
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert write(past, folder, "churn@v2.0.0") == 2
    assert "the folder has other files: notes.txt" in capsys.readouterr().err
