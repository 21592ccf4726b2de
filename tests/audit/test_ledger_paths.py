"""Which paths lie in a folder."""

import pytest

from lineage_diff.audit.ledger import Ledger

PATHS = ("data", "data-old", "data/a", "data/b/c", "data0", "data0/x", "model")


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("data", ("data/a", "data/b/c")),
        ("data/b", ("data/b/c",)),
        ("data0", ("data0/x",)),
        ("model", ()),
        ("mode", ()),
        ("zzz", ()),
    ],
)
def test_inside(folder: str, found: tuple[str, ...]) -> None:
    paths = tuple(sorted(PATHS))
    assert Ledger((), dict.fromkeys(paths, ()), paths=paths).inside(folder) == found
