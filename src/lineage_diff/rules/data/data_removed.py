"""`data-removed`: data of a `.dvc` file that only the base tracks."""

from collections.abc import Iterator

from lineage_diff.report.change import Change, DataChange, Side
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.locations import RemovedLocations
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "data-removed"


def _check(context: Context) -> Iterator[Finding]:
    models = {model.path for model in context.change.models if model.change == "removed"}
    locations = RemovedLocations(context)
    for data in context.change.data:
        if data.change == "removed" and data.tracked_by == "dvc" and data.path not in models:
            yield Finding(
                NAME,
                "warning",
                data.path,
                f"DVC no longer tracks {code(data.path)} in this commit",
                "Make sure that it is no longer used, or restore its `.dvc` file.",
                *locations.find(data.path, None, data.path + ".dvc"),
            )


_OLD = Side("md5:" + "41c0" * 8, 5_000)

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="data that the base tracks and the head does not",
    why=(
        "`dvc gc` may then delete its content from the cache and the remote, and older models "
        "cannot be reproduced."
    ),
    hint="Make sure that it is no longer used, or restore its `.dvc` file.",
    check=_check,
    fails=Example(
        "`raw.csv.dvc` was deleted.",
        context(Change(data=(DataChange("raw.csv", "removed", _OLD, None, "dvc"),))),
    ),
    passes=Example(
        "`raw.csv` was renamed with `dvc move`.",
        context(Change(data=(DataChange("raw2.csv", "renamed", _OLD, _OLD, "dvc", "raw.csv"),))),
    ),
)
