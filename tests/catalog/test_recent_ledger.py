"""The outs in force while a history is read: what is remembered of a path changes no answer."""

from hypothesis import example, given
from hypothesis import strategies as st

from lineage_diff.audit.upstream import producers_of
from lineage_diff.catalog.recent_ledger import RecentLedger
from lineage_diff.lineage.history import CommitInfo, Point, Record, Run
from lineage_diff.lineage.version import Hash, Version

PATHS = ("raw", "raw/a", "raw/a/b", "raw/c", "model")
ASKED = (*PATHS, "raw/a/b/d", "link", "train.py")
LINKS = {"link": ("raw/a",)}
HASHES = (None, Hash("md5", "1"), Hash("md5", "2"))


def _record(path: str, version: str) -> Record:
    run = Run("run", {}, {path: Version(Hash("md5", version))})
    return Record(f"dvc.yaml:{path}", "dvc.yaml", (path,), lambda: run)


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(("1", "2", None)))))
@example([("raw/a", "1"), ("raw/a", "2")])
@example([("raw/a/b", "1"), ("raw", "2"), ("raw", None)])
def test_each_answer_is_that_of_a_search(steps: list[tuple[str, str | None]]) -> None:
    ledger = RecentLedger(LINKS)
    in_force: dict[str, Record] = {}
    for number, (path, version) in enumerate([("model", "1"), *steps]):
        gone = [in_force.pop(path)] if path in in_force else []
        new = [] if version is None else [_record(path, version)]
        in_force |= {record.paths[0]: record for record in new}
        commit = CommitInfo(f"{number:040}", "A", "2026-01-01", "run")
        ledger.apply(Point(commit, tuple(gone), tuple(new)))
        for asked in ASKED:
            for wanted in HASHES:
                assert ledger.producers(asked, wanted) == producers_of(ledger, asked, wanted, 0)
