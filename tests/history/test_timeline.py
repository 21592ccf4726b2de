"""The points of a timeline, played one after the other, against each revision read by itself."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.dvc.lock.lock_file import LockFile, LockReader
from lineage_diff.dvc.pipeline.dvc_file import DvcFiles, read_dvc_file
from lineage_diff.dvc.pipeline.stage_names import pipeline_names
from lineage_diff.errors import DamagedBlockError, InputError
from lineage_diff.history.reader import open_history
from lineage_diff.history.timeline import commits_of_log, read_timeline
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.history import CommitInfo, Point, Record
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import LockEntry
from lineage_diff.parsing.work_budget import HistoryWork
from tests.support.git_repo import GitRepo

DAMAGED = "not YAML"
BLOCKS = {
    "a": "  a:\n    cmd: one\n    outs:\n    - path: x\n      md5: {hash}\n      size: 1\n",
    "a, with params": "  a:\n    cmd: one\n    params:\n      p.yaml:\n        lr: 1\n"
    "    outs:\n    - path: x\n      md5: {hash}\n      size: 1\n",
    "b": "  b:\n    cmd: two\n",
    "b, longer": "  b:\n    cmd: two\n    deps:\n    - path: y\n      md5: {hash}\n      size: 2\n",
    "c": "  c:\n    cmd: >\n      three\n      times\n    outs:\n    - path: ../z\n"
    "      md5: {hash}\n      size: 1\n",
    "not a stage": "  d: [1]\n",
    DAMAGED: "  e:\n    cmd: [1\n    outs:\n    - path: x\n      md5: {hash}\n      size: 1\n",
}
HASHES = ("a" * 32, "b" * 32)
PIPELINES = (
    "stages:\n  a:\n    cmd: one\n  b:\n    cmd: two\n  c:\n    cmd: three\n",
    "stages:\n  a:\n    cmd: one\n    wdir: sub\n  c:\n    cmd: three\n",
    "stages:\n  b:\n    cmd: two\n",
    "stages: [\n",
)
ENDINGS = ("", "schema: '2.0'\n", "\n", "# end\n")
LOCK, PIPELINE = "p/dvc.lock", "p/dvc.yaml"


def commits(blocks: Iterable[str]) -> st.SearchStrategy[list[dict[str, str | None]]]:
    block = st.tuples(st.sampled_from(sorted(blocks)), st.sampled_from(HASHES))
    lock = st.tuples(st.lists(block, max_size=5), st.sampled_from(ENDINGS))
    texts = st.none() | lock.map(lambda found: text_of(*found))
    commit = st.fixed_dictionaries({}, optional={LOCK: texts, PIPELINE: st.sampled_from(PIPELINES)})
    return st.lists(commit, max_size=6)


def text_of(items: Iterable[tuple[str, str]], ending: str) -> str:
    head = "stages:\n" if ending.startswith("schema") else "schema: '2.0'\nstages:\n"
    return f"{head}{''.join(BLOCKS[name].format(hash=value) for name, value in items)}{ending}"


def points_of(
    history: list[dict[str, str | None]],
    strict: bool,
    limits: Limits = USUAL,
    known: DvcFiles | None = None,
) -> tuple[Point, ...]:
    blobs: dict[str, bytes] = {}
    tokens: list[str] = []
    for number, changes in reversed(list(enumerate(history))):
        tokens.append(f"{number:040x} 2026-01-01T00:00:00+00:00\nA\nsubject")
        for path, text in changes.items():
            oid = oid_of(text) if text is not None else "0" * 40
            mode = "100644" if text is not None else "000000"
            tokens += [f":100644 {mode} {'0' * 40} {oid} M", path]
            if (path, oid) not in (known or {}):
                blobs[oid] = (text or "").encode()

    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for oid in oids:
            yield oid, blobs[oid]

    listing, work = "\0".join(tokens).encode(), HistoryWork(limits)
    return read_timeline(listing, read, True, strict, work, known=known).points


def oid_of(text: str) -> str:
    return f"{abs(hash(text)):040x}"[:40]


def told(record: Record) -> tuple[str, str]:
    return record.stage, repr((record.paths, record.run))


def _is_damaged(read: LockFile) -> bool:
    return any(
        problem.message.startswith(("not valid", "the key", "Git")) for problem in read.problems
    )


def expected(history: list[dict[str, str | None]]) -> Iterator[dict[str, str]]:
    """Yield what each commit records; what cannot be read leaves what was read before."""
    entries: dict[str, LockEntry] = {}
    names = pipeline_names(b"", PIPELINE)
    for changes in history:
        if LOCK in changes:
            text = changes[LOCK]
            with suppress(InputError):
                read = LockReader().read(text.encode(), LOCK) if text is not None else LockFile()
                # Of a damaged one, what is beside the damage tells of no run.
                entries = entries if _is_damaged(read) else dict(read.entries)
        if PIPELINE in changes:
            with suppress(InputError):
                names = pipeline_names(str(changes[PIPELINE]).encode(), PIPELINE)
        yield {
            f"{PIPELINE}:{name}": repr(
                (tuple(join(join("p", names.wdir(name)), path) for path in entry.outs), entry.cmd)
            )
            for name, entry in entries.items()
            if names.declares(name)
        }


@given(commits(BLOCKS))
def test_the_points_lead_from_each_revision_to_the_next(
    history: list[dict[str, str | None]],
) -> None:
    history = [{PIPELINE: PIPELINES[0]}, *history]
    held: dict[str, Record] = {}
    for point, state in zip(points_of(history, strict=True), expected(history), strict=True):
        for record in point.gone:
            assert held.pop(record.stage) is record
        for record in point.new:
            assert record.stage not in held
            held[record.stage] = record
        assert {stage: repr((record.paths, record.cmd)) for stage, record in held.items()} == state


@given(commits(BLOCKS.keys() - {DAMAGED}))
def test_without_care_it_tells_the_same(history: list[dict[str, str | None]]) -> None:
    history = [{PIPELINE: PIPELINES[0]}, *history]
    strict, quick = (
        [
            (list(map(told, point.gone)), list(map(told, point.new)), len(point.unreadable))
            for point in points_of(history, strict)
        ]
        for strict in (True, False)
    )
    assert quick == strict


def test_a_block_is_found_to_be_damaged_when_it_is_asked_for() -> None:
    history: list[dict[str, str | None]] = [
        {PIPELINE: PIPELINES[0] + "  e:\n    cmd: five\n"},
        {LOCK: text_of([("b", HASHES[0]), (DAMAGED, HASHES[0])], "")},
    ]
    (*_, point) = points_of(history, strict=False)
    whole, damaged = point.new
    assert whole.cmd == "two"
    with pytest.raises(DamagedBlockError):
        assert damaged.cmd
    (*_, point) = points_of(history, strict=True)
    assert (point.new, len(point.unreadable)) == ((), 1)


def dataset(name: str, version: int) -> str:
    return f"- name: {name}\n  type: dc\n  url: dc://{name}\n  version: {version}\n"


PETS, CARS = "p/dvc.yaml:ds://pets", "p/dvc.yaml:ds://cars"
A = "p/dvc.yaml:a"


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        ([[("pets", 1)], [("pets", 1)]], [([], [PETS]), ([], [])]),
        ([[("pets", 1)], [("pets", 2)]], [([], [PETS]), ([PETS], [PETS])]),
        ([[("pets", 1)], []], [([], [PETS]), ([PETS], [])]),
        ([[], [("pets", 1)]], [([], []), ([], [PETS])]),
        (
            [[("pets", 1), ("cars", 1)], [("cars", 1)], [("cars", 2), ("pets", 1)]],
            [([], [CARS, PETS]), ([PETS], []), ([CARS], [CARS, PETS])],
        ),
    ],
    ids=["the same", "another version", "gone", "new", "two"],
)
def test_each_dataset_of_a_lock_has_its_records(
    revisions: list[list[tuple[str, int]]], expected: list[tuple[list[str], list[str]]]
) -> None:
    # Its `dvc.yaml` has not the stage of the lock.
    history: list[dict[str, str | None]] = [{PIPELINE: PIPELINES[2]}]
    for datasets in revisions:
        listed = "".join(dataset(*found) for found in datasets)
        ending = f"datasets:\n{listed}" if listed else ""
        history.append({LOCK: text_of([("a", HASHES[0])], ending)})
    _, *points = points_of(history, strict=True)
    assert [([r.stage for r in p.gone], [r.stage for r in p.new]) for p in points] == expected
    held = {record.stage: record for point in points for record in point.new}
    for record in held.values():
        (path,) = record.paths
        assert record.stage == f"{PIPELINE}:{path}"
        assert record.file == PIPELINE
        assert record.outs[path].hash is not None


def test_a_stage_that_runs_again_beside_a_dataset_is_recorded_alone() -> None:
    ending = f"datasets:\n{dataset('pets', 1)}"
    first, second = (text_of([("a", value)], ending) for value in HASHES)
    *_, one, two = points_of([{PIPELINE: PIPELINES[0]}, {LOCK: first}, {LOCK: second}], True)
    assert [record.stage for record in one.new] == [A, PETS]
    assert ([r.stage for r in two.gone], [r.stage for r in two.new]) == ([A], [A])
    assert str(two.new[0].outs["p/x"].hash) == f"md5-dos2unix:{HASHES[1]}"


def test_each_commit_of_a_log_has_its_author_pull_request_and_files() -> None:
    tokens = [
        f"{'1' * 40} 2026-01-01T00:00:00Z\nAda\nMerge pull request #7 from octo/rate",
        f":100644 100644 {'a' * 40} {'b' * 40} M",
        "dvc.lock",
        f":100644 100755 {'a' * 40} {'c' * 40} M",
        "data.dvc",
        f":100644 120000 {'a' * 40} {'d' * 40} T",
        "linked.dvc",
        f":100644 000000 {'a' * 40} {'0' * 40} D",
        "gone.dvc",
        f"{'2' * 40} 2026-01-01T00:00:00+02:00\nBob\nBegin",
    ]
    assert list(commits_of_log("\0".join(tokens).encode())) == [
        (
            CommitInfo(
                "1" * 40,
                "Ada",
                "2026-01-01T00:00:00+00:00",
                "Merge pull request #7 from octo/rate",
                7,
            ),
            {"dvc.lock": "b" * 40, "data.dvc": "c" * 40, "linked.dvc": None, "gone.dvc": None},
        ),
        (CommitInfo("2" * 40, "Bob", "2026-01-01T00:00:00+02:00", "Begin", None), {}),
    ]


def test_a_pipeline_of_another_folder_moves_the_paths_of_its_stages() -> None:
    """Of those whose folder stays, no record is made again."""
    text = text_of([("a", HASHES[0]), ("c", HASHES[0])], "")
    *_, locked, moved, gone = points_of(
        [{PIPELINE: PIPELINES[0]}, {LOCK: text}, {PIPELINE: PIPELINES[1]}, {LOCK: None}], True
    )
    paths = {A: ("p/x",), "p/dvc.yaml:c": ("z",)}
    assert {record.stage: record.paths for record in locked.new} == paths
    assert [record.stage for record in moved.gone] == [A]
    assert {record.stage: record.paths for record in moved.new} == {A: ("p/sub/x",)}
    assert {record.stage: record.paths for record in gone.gone} == {**paths, A: ("p/sub/x",)}
    assert {record.file for record in locked.new} == {PIPELINE}


def test_the_pipelines_of_two_folders_are_two(git_repo: GitRepo) -> None:
    """Each commit changes the lock of one, or its `dvc.yaml`; stages and outs have equal names."""

    def write(folder: str, text: str | None, wdir: str = ".") -> None:
        lock = f"{folder}/dvc.lock"
        stage = f"stages:\n  a:\n    cmd: one\n    wdir: {wdir}\n    outs: [x]\n"
        git_repo.write(f"{folder}/dvc.yaml", stage)
        git_repo.remove(lock) if text is None else git_repo.write(lock, text_of([("a", text)], ""))
        git_repo.commit(f"{folder} {text}")

    one, two = HASHES
    for folder, text in (("p", one), ("q", one), ("q", two), ("p", None)):
        write(folder, text)
    write("q", two, "in")
    history = open_history(git_repo.path)
    points = history.timeline(history.repository.head())().points
    told_of = [
        (
            point.commit.subject,
            [(r.stage, r.file, r.paths, str(next(iter(r.outs.values())).hash)) for r in point.new],
            [record.stage for record in point.gone],
        )
        for point in points
    ]
    p, q = (("p/dvc.yaml:a", "p/dvc.yaml"), ("q/dvc.yaml:a", "q/dvc.yaml"))
    assert told_of == [
        (f"p {one}", [(*p, ("p/x",), f"md5-dos2unix:{one}")], []),
        (f"q {one}", [(*q, ("q/x",), f"md5-dos2unix:{one}")], []),
        (f"q {two}", [(*q, ("q/x",), f"md5-dos2unix:{two}")], [q[0]]),
        ("p None", [], [p[0]]),
        (f"q {two}", [(*q, ("q/in/x",), f"md5-dos2unix:{two}")], [q[0]]),
    ]


def test_a_tracked_file_has_a_record_as_long_as_it_is_there() -> None:
    versions = [TRACKED, TRACKED.replace(HASHES[0], HASHES[1]), "outs: [", None]
    path = "sub/data.csv.dvc"
    one, two, broken, gone = points_of([{path: text} for text in versions], True)
    assert [str(record.outs["sub/data.csv"].hash) for record in (*one.new, *two.new)] == [
        f"md5-dos2unix:{value}" for value in HASHES
    ]
    assert (two.gone, broken.gone, broken.new, gone.gone, gone.new) == (
        one.new,
        (),
        (),
        two.new,
        (),
    )
    assert [(item.commit, item.file) for item in broken.unreadable] == [(broken.commit.id, path)]


TRACKED = f"outs:\n- md5: {HASHES[0]}\n  size: 1\n  path: data.csv\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("data.csv.dvc", TRACKED),
        (PIPELINE, "stages: {a: {cmd: one}}\n"),
        (LOCK, text_of([("a", HASHES[0])], "more: 1\n")),
    ],
)
def test_a_file_over_the_limits_is_unreadable(path: str, text: str) -> None:
    for limits, count in ((USUAL, 0), (Limits(yaml_nodes=1), 1)):
        (point,) = points_of([{path: text}], strict=True, limits=limits)
        assert [found.file for found in point.unreadable] == [path] * count


@given(commits(BLOCKS), st.integers(0, 400))
def test_what_is_over_the_budget_is_not_applied_and_can_be_removed(
    history: list[dict[str, str | None]], steps: int
) -> None:
    history = [{PIPELINE: PIPELINES[0]}, *history, {LOCK: None, PIPELINE: None}]
    held: dict[str, Record] = {}
    limits = Limits(work_steps=steps)
    points = points_of(history, strict=True, limits=limits)
    for point in points:
        for record in point.gone:
            assert held.pop(record.stage) is record
        for record in point.new:
            assert record.stage not in held
            held[record.stage] = record
    assert not held
    assert not points[-1].unreadable
    if not any(point.unreadable for point in points):
        assert list(map(shown, points)) == list(map(shown, points_of(history, strict=True)))


def shown(point: Point) -> tuple[object, ...]:
    return list(map(told, point.gone)), list(map(told, point.new)), point.unreadable


DATA = [f"outs:\n- path: x\n  md5: {value}\n" for value in HASHES]
DATA_FILES = st.none() | st.sampled_from([*DATA, "outs: 3\n"])


@given(
    st.lists(
        st.fixed_dictionaries({}, optional={"a.dvc": DATA_FILES, "b.dvc": DATA_FILES}), max_size=6
    ),
    st.sets(st.tuples(st.sampled_from(["a.dvc", "b.dvc"]), st.sampled_from(DATA))),
)
def test_known_files_are_not_read_again(
    history: list[dict[str, str | None]], names: set[tuple[str, str]]
) -> None:
    known: DvcFiles = {
        (path, oid_of(text)): read_dvc_file(text.encode(), path) for path, text in names
    }
    found = points_of(history, strict=True, known=known)
    assert list(map(shown, found)) == list(map(shown, points_of(history, strict=True)))
