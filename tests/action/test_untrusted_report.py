"""A report that anyone may have written: read as data, held to the run that GitHub tells of."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.github_action.untrusted_report import read_report
from lineage_diff.report import report as encoding
from lineage_diff.report.change import ModelCard
from lineage_diff.report.report import encode_report
from tests.support.reports import HEAD, stale


def test_a_report_of_that_commit(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "report.json").write_bytes(encode_report(stale()))
    assert read_report(tmp_path, "in/report.json", HEAD.commit) == stale()


def changed(**changes: Any) -> bytes:
    return json.dumps(json.loads(encode_report(stale())) | changes).encode()


def test_no_link_of_its_choice_is_kept(tmp_path: Path) -> None:
    run: dict[str, Any] = {
        "run_id": "1",
        "commit": HEAD.commit,
        "name": "look here",
        "status": None,
        "link": "https://example.com/",
        "registered": [],
        "logged_models": [],
        "datasets": [],
    }
    (tmp_path / "report.json").write_bytes(changed(runs=[run]))
    assert read_report(tmp_path, "report.json", HEAD.commit) == stale()


def test_nobody_of_its_choice_is_notified(tmp_path: Path) -> None:
    card = ModelCard("model.pkl", owners=("@octo/all",), mentions=("@octo/all",))
    report = replace(stale(), cards=(card,))
    (tmp_path / "report.json").write_bytes(encode_report(report))
    (read,) = read_report(tmp_path, "report.json", HEAD.commit).cards
    assert (read.owners, read.mentions) == (("@octo/all",), ())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a report"),
        (b"PK\x03\x04", "not a report"),
        (b"\xff\xfe{}", "not a report"),
        (b"[" * 100_000, "not a report"),
        (changed(pull_request=1), "unknown key `pull_request`"),
        (changed(schema_version=2), "only 1 is known"),
        (changed(models=[{"path": "x"}]), "$.models[0]"),
        (changed(head={"rev": "more-data", "commit": "f" * 40}), "is for commit fffffff"),
        (changed(head={"rev": "x", "commit": "::error::\n" * 9}), "the run was for"),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "report.json").write_bytes(data)
    with pytest.raises(InputError) as raised:
        read_report(tmp_path, "report.json", HEAD.commit)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.file == "report.json"
    if "commit" not in raised.value.message:
        assert raised.value.hint == (
            "Upload the `report_path` of the first workflow, of the same version."
        )


def test_a_large_one_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineage_diff.github_action.untrusted_report.MAX_BYTES", 1_000)
    monkeypatch.setattr(encoding, "MAX_BYTES", 1_000)
    (tmp_path / "report.json").write_bytes(b" " * 5_000)
    with pytest.raises(InputError, match="holds 1,001 bytes or more, over the limit of 1,000"):
        read_report(tmp_path, "report.json", HEAD.commit)


def test_a_report_of_another_commit_names_the_way_to_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(encode_report(stale()))
    with pytest.raises(InputError) as raised:
        read_report(tmp_path, "report.json", "f" * 40)
    assert raised.value.message == (
        f"the report is for commit {HEAD.commit[:7]}, but the run was for fffffff"
    )
    assert raised.value.hint == "Download the artifact of the run that the event names."
    assert raised.value.file == "report.json"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../report.json", "it is outside the workspace"),
        ("/etc/passwd", "it is outside the workspace"),
        ("link", "it is outside the workspace"),
        ("folder", "Is a directory"),
        ("pipe", "it is not a file"),
        ("none", "No such file or directory"),
    ],
)
def test_only_a_file_of_the_workspace_is_read(tmp_path: Path, path: str, why: str) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "folder").mkdir(parents=True)
    (tmp_path / "report.json").write_bytes(encode_report(stale()))
    (workspace / "link").symlink_to("../report.json")
    os.mkfifo(workspace / "pipe")
    with pytest.raises(InputError) as raised:
        read_report(workspace, path, HEAD.commit)
    assert raised.value.message == f"input `report` cannot be read: {why}"
    assert raised.value.file == path
    assert raised.value.hint == (
        "Name the `report.json` that actions/download-artifact put into the workspace."
    )
