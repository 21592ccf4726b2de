"""Folders for Collibra and Alation: their shape, and their edges, which are those of the graph."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lineage_diff.catalog.facts import Fact, RunFact
from lineage_diff.catalog.writers.alation import PATHS, write_alation
from lineage_diff.catalog.writers.collibra import write_collibra
from lineage_diff.catalog.writers.parts import FilePart
from tests.support.drawn_edges import drawn_edges, linked
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo


def files_of(parts: Iterable[FilePart]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for part in parts:
        files[part.file] = files.get(part.file, b"") + part.data
    return files


# Without inputs these link nothing, so no link leads from them either.
SOURCES = {"dvc.yaml:split", "dvc.yaml:tune"}


def test_collibra(facts: list[Fact]) -> None:
    files = files_of(write_collibra(facts))
    metadata, lineage = json.loads(files["metadata.json"]), json.loads(files["lineage.json"])
    assert (metadata["version"], set(metadata["asset_types"])) == (
        3,
        {"System", "Directory", "File"},
    )
    codes = {file for file in files if file.startswith("source_codes/")}
    assert {link["source_code"]["path"] for link in lineage} == codes
    types = {asset["type"] for link in lineage for asset in _assets(link)}
    assert types <= set(metadata["asset_types"])
    assert all(asset["name"] for link in lineage for asset in _assets(link))
    stages = {fact.run: fact.stage for fact in facts if isinstance(fact, RunFact)}
    links = [
        (stages[Path(link["source_code"]["path"]).stem], {_name(link["src"])}, {_name(link["trg"])})
        for link in lineage
    ]
    wanted = {edge for edge in drawn_edges(facts) if edge[0] not in SOURCES}
    assert linked(links) == wanted
    commands = [files[path] for path in codes if stages[Path(path).stem] == "dvc.yaml:join"]
    assert commands == [b"j\n"]


def _assets(link: dict[str, Any]) -> list[dict[str, str]]:
    return [
        asset
        for end in (link["src"], link["trg"])
        for asset in (*end["nodes"], end["parent"], end["leaf"])
    ]


def _name(end: dict[str, Any]) -> str:
    return "/".join((end["nodes"][0]["name"], end["parent"]["name"], end["leaf"]["name"]))


def test_alation(facts: list[Fact]) -> None:
    (request,) = (json.loads(data) for data in files_of(write_alation(facts)).values())
    assert {len(path) for path in request["paths"]} == {3}
    known = {item["external_id"]: item for item in request["dataflow_objects"]}
    links = []
    for used, (flow,), made in request["paths"]:
        assert flow["otype"] == "dataflow"
        assert known[flow["key"]]
        prefix = "api/github.com/acme/churn/"
        assert flow["key"].startswith(prefix)
        assert {item["otype"] for item in (*used, *made)} == {"external"}
        stage = flow["key"].removeprefix(prefix)
        links.append((stage, {item["key"] for item in used}, {item["key"] for item in made}))
    wanted = {edge for edge in drawn_edges(facts) if edge[0] not in SOURCES}
    assert linked(links) == wanted
    train = known["api/github.com/acme/churn/dvc.yaml:train"]
    assert (train["title"], train["content"]) == ("train", "t")
    assert train["description"].startswith("Train it\n")


def test_alation_takes_so_many_paths_at_once(git_repo: GitRepo) -> None:
    names = [f"s{number}" for number in range(PATHS + 1)]
    stages = "".join(f"  {name}: {{cmd: c, deps: [raw], outs: [{name}]}}\n" for name in names)
    locked = "".join(
        f"  {name}: {{cmd: c, deps: [{{path: raw, md5: a}}], outs: [{{path: {name}, md5: b}}]}}\n"
        for name in names
    )
    git_repo.write(".dvc/config", "")
    git_repo.write("dvc.yaml", f"stages:\n{stages}")
    git_repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{locked}")
    git_repo.commit()
    files = files_of(write_alation(Facts(git_repo.path).all))
    assert list(files) == ["lineage-00001.json", "lineage-00002.json"]
    assert [len(json.loads(data)["paths"]) for data in files.values()] == [PATHS, 1]
