"""One name, one meaning: a reader who has met a class once knows it wherever it is named."""

import ast
from collections import defaultdict
from pathlib import Path

import lineage_diff

PACKAGE = Path(lineage_diff.__file__).parent
# The demo's project is what a user would write, not a part of ours.
DEMO = ("project", "change")


def test_no_two_public_classes_have_one_name() -> None:
    places = defaultdict(list)
    for file in PACKAGE.rglob("*.py"):
        path = file.relative_to(PACKAGE)
        if path.parts[0] == "demo" and path.parts[1] in DEMO:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.as_posix())
    assert len(places) > 200
    assert {name: files for name, files in sorted(places.items()) if len(files) > 1} == {}
