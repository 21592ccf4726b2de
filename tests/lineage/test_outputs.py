"""The outputs of a commit by path."""

import pytest

from lineage_diff.lineage.outputs import outputs_by_path
from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.lineage.version import Hash, Version

OLD, NEW = Version(Hash("md5", "aa")), Version(Hash("md5", "bb"))


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [(OLD, NEW, OLD), (None, NEW, NEW), (OLD, None, OLD), (None, None, None)],
)
def test_of_two_stages_with_one_out_the_first_with_a_version_counts(
    first: Version | None, second: Version | None, wanted: Version | None
) -> None:
    stages = [
        Stage(name, name, "dvc.yaml", "", outs=(Out("m", "m", locked=version),))
        for name, version in (("a", first), ("b", second))
    ]
    assert outputs_by_path(stages, {})["m"].version == wanted
