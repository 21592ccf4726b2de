"""Plots that DVC keeps, read from its storage: the points are those that DVC draws."""

import json
import subprocess
import sys
from pathlib import Path

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.render.plots.vega_spec import points
from lineage_diff.report.plots import Drawing
from tests.fetch.reading import MISSING, locked
from tests.support.dvc_repo import dvc_environment
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import object_path


def drawn(repo: GitRepo, base: str = "v1", head: str = "v2") -> dict[str, Drawing]:
    request = Request(repo.path, base, head, direct=True, fetch=("plots",))
    return {drawing.id: drawing for drawing in compare_revisions(request).report.drawings}


def test_fetched_points_are_those_of_dvc(stored: GitRepo, pushed_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "plots", "diff", "--json", "v1", "v2"],
        cwd=pushed_folder / "repo",
        capture_output=True,
        check=True,
        env=dvc_environment(),
    )
    (theirs,) = json.loads(done.stdout)["data"]["curve.csv"]
    sides = {"v1": "before", "v2": "after"}
    expected = [{**row, "rev": sides[row["rev"]]} for row in theirs["content"]["data"]["values"]]
    drawing = drawn(stored)["curve.csv"]
    assert [
        {key: row[key] for key in ("rev", "step", "loss")} for row in points(drawing)
    ] == expected


def test_what_is_not_at_hand_says_so(stored: GitRepo) -> None:
    object_path(stored.path.parent / "store", locked(stored, "v2", "curve.csv")).unlink()
    assert drawn(stored)["curve.csv"].unknown == f"`curve.csv`: {MISSING}"


def test_of_a_folder_only_the_files_that_changed_are_drawn(stored: GitRepo) -> None:
    for name, rows in (("three", (3, 4)), ("four", (3, 5))):
        for file, last in (("same.csv", 1), ("other.csv", rows[1])):
            stored.write(f"store-{name}/{file}", f"step,loss\n0,{rows[0]}\n1,{last}\n")
    # A listing and its files, as `dvc push` would lay them out.
    text = (stored.path / "dvc.yaml").read_text(encoding="utf-8")
    commits = []
    for name in ("three", "four"):
        listing = _stored_folder(stored, stored.path / f"store-{name}")
        stored.write("dvc.yaml", text.replace("plots: [", "plots: [folder, "))
        out = f"outs:\n- {{path: folder, hash: md5, md5: {listing}, nfiles: 2}}\n"
        stored.write("folder.dvc", out)
        commits.append(stored.commit(name))
    found = drawn(stored, *commits)
    assert list(found) == ["folder/other.csv"]
    assert found["folder/other.csv"].unknown is None


def _stored_folder(repo: GitRepo, folder: Path) -> str:
    from hashlib import md5

    storage = repo.path.parent / "store"

    def keep(content: bytes, suffix: str = "") -> str:
        value = md5(content).hexdigest() + suffix
        place = object_path(storage, value)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return value

    entries = [
        {"md5": keep(file.read_bytes()), "relpath": file.name} for file in sorted(folder.iterdir())
    ]
    return keep(json.dumps(entries, sort_keys=True).encode(), ".dir")
