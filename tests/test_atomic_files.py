"""Reports, exports and folders of evidence are written whole or not at all."""

import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_diff.cli.atomic_files import filled_folder, replaced_file
from tests.support.audit_repo import AuditRepo, past_repo
from tests.support.projects import call

EXPORT = ("export", "--to", "openlineage", "-o")
FOLDER = ("export", "--to", "collibra", "-o")
EVIDENCE = ("evidence", "churn", "-o")
STATUS = ("status", "--format", "json", "-o")
AUDIT = ("audit", "--format", "html", "-o")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    return past_repo(tmp_path_factory.mktemp("atomic"))


def run(
    repo: AuditRepo, *arguments: str, most: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command, in which a file may have at most so many bytes, as on a full disk."""

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    command = [sys.executable, "-m", "lineage_diff", *arguments, "--repo", str(repo.path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)


@pytest.mark.parametrize(
    ("command", "most"),
    [(EXPORT, 2_000), (FOLDER, 60), (EVIDENCE, 5_000), (STATUS, 500), (AUDIT, 2_000)],
    ids=["export", "folder", "evidence", "status", "audit"],
)
def test_a_full_disk_leaves_what_was_there(
    past: AuditRepo, tmp_path: Path, command: tuple[str, ...], most: int
) -> None:
    target = tmp_path / "target"
    done = run(past, *command, str(target), most=most)
    assert done.returncode == 2
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []
    if command == FOLDER:
        # It takes no folder with files.
        return
    assert call(*command, str(target), cwd=past.path).returncode == 0
    before = contents(target)
    assert run(past, *command, str(target), most=most).returncode == 2
    assert contents(target) == before
    assert list(tmp_path.iterdir()) == [target]


def contents(target: Path) -> dict[str, bytes]:
    files = [target] if target.is_file() else sorted(filter(Path.is_file, target.rglob("*")))
    return {str(file): file.read_bytes() for file in files}


def test_a_link_and_a_mode_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old")
    file.chmod(0o600)
    link.symlink_to(file)
    with replaced_file(link) as written:
        written.write(b"new")
        assert file.read_bytes() == b"old"
        (temporary,) = {*tmp_path.iterdir()} - {file, link}
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
    assert (file.read_bytes(), link.is_symlink()) == (b"new", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    new = tmp_path / "deep" / "new"
    with replaced_file(new) as written:
        written.write(b"new")
    assert stat.S_IMODE(new.stat().st_mode) == 0o666 & ~umask()


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_file_that_is_mounted_by_itself_gets_the_report(past: AuditRepo, tmp_path: Path) -> None:
    mounted, source = tmp_path / "mounted", tmp_path / "source"
    mounted.write_bytes(b"")
    source.write_bytes(b"old" * 100_000)
    mount = f"mount --bind {source} {mounted} && "
    namespace = ("unshare", "--map-root-user", "--mount", "sh", "-c")
    if subprocess.run([*namespace, f"{mount} true"], check=False, capture_output=True).returncode:
        pytest.skip("no file can be mounted here: unshare and mount are refused")
    status = [sys.executable, "-m", "lineage_diff", *STATUS, str(mounted)]
    subprocess.run([*namespace, f'{mount} "$@"', "sh", *status], cwd=past.path, check=False)
    assert json.loads(source.read_bytes())["schema_version"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mounted", "source"]


def test_a_device_is_written_to() -> None:
    with replaced_file(Path(os.devnull)) as written:
        written.write(b"new")
    assert not Path(os.devnull).is_file()


def test_a_link_in_a_folder_is_replaced(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.write_bytes(b"old")
    folder.mkdir()
    (folder / "a").symlink_to(outside)
    with filled_folder(folder) as filled:
        (filled / "a").write_bytes(b"new")
        (filled / "deep").mkdir()
        (filled / "deep" / "b").write_bytes(b"new")
    assert (outside.read_bytes(), (folder / "a").is_symlink()) == (b"old", False)
    assert contents(folder) == {str(folder / "a"): b"new", str(folder / "deep/b"): b"new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "outside"]
