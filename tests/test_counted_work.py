"""How much work a comparison does, counted and not timed: it follows what changed."""

import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dvc.parsing import EntryDefinition
from msgspec.structs import replace

from bench.generate import CHAIN, Shape, generate
from lineage_diff.app.audit.questions import audit
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.cli.main import main
from lineage_diff.dvc import metrics_and_params
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.lock.fast_parser import parse_block
from lineage_diff.dvc.lock.lock_file import LockReader
from lineage_diff.dvc.pipeline.foreach_cache import stage_template
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.commit_tree import GitSnapshot
from lineage_diff.git.process import BlobProcesses, GitProcess
from lineage_diff.git.repository import open_repository
from lineage_diff.git.snapshot import TreeSnapshot
from lineage_diff.history.commit_view import CommitView, _Ignored
from lineage_diff.history.reader import open_history
from lineage_diff.lineage import graph
from lineage_diff.lineage.evidence import commit_alone
from lineage_diff.parsing.work_budget import COMPARING, IGNORING, WorkBudget
from lineage_diff.report.audit_report import storable_audit
from tests.support.experiments import baseline, experiment
from tests.support.git_repo import GitRepo

SIZES = (100, 300)
PROCESSES = 12


class Calls:
    """Counts the calls of a function that it stands for."""

    def __init__(self, function: Any) -> None:
        self.count = 0
        self._function = function

    def __call__(self, *args: Any) -> Any:
        self.count += 1
        return self._function(*args)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """One repository of each size; the second commit runs a tenth of the stages again."""
    folder = tmp_path_factory.mktemp("counted")
    for size in SIZES:
        generate(folder / str(size), size)
    return {size: folder / str(size) for size in SIZES}


def test_the_processes_of_git_do_not_grow_with_the_stages(
    repositories: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {}
    for size, repo in repositories.items():
        with monkeypatch.context() as patch:
            started: list[tuple[str, ...]] = []
            command = GitProcess._command

            def recorded(self: GitProcess, args: Any, command: Any = command) -> list[str]:
                started.append(tuple(args))  # noqa: B023
                return command(self, args)  # type: ignore[no-any-return]

            patch.setattr(GitProcess, "_command", recorded)
            compare_revisions(Request(repo, "HEAD~1", "HEAD", direct=True))
        counts[size] = len(started)
    assert counts == dict.fromkeys(SIZES, PROCESSES)


@pytest.mark.parametrize("size", SIZES)
def test_each_object_is_read_once_and_no_others_than_are_needed(
    repositories: dict[int, Path], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[str, int]] = []

    def recorded(self: BlobProcesses, oids: Iterable[str], limit: int) -> Iterator[Any]:
        for oid, content in reading(self, oids, limit):
            read.append((oid, len(content) if isinstance(content, bytes) else 0))
            yield oid, content

    reading = BlobProcesses.read
    monkeypatch.setattr(BlobProcesses, "read", recorded)
    compare_revisions(Request(repositories[size], "HEAD~1", "HEAD", direct=True))
    # But for the lock of the base: the runs before it are read from there, oldest first.
    assert len({oid for oid, _ in read}) == len(read) - 1
    held = 0
    for rev in ("HEAD~1", "HEAD"):
        listing = ["git", "-C", str(repositories[size]), "ls-tree", "-r", "-l", rev]
        rows = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
        held += sum(int(row.split()[3]) for row in rows.splitlines())
    # Beside the files at most the trees and commits that lead to them.
    assert sum(dict(read).values()) <= held * 1.1


@pytest.mark.parametrize("size", SIZES)
def test_the_second_revision_parses_only_the_blocks_that_changed(
    repositories: dict[int, Path], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed, linked = Calls(parse_block), Calls(graph._link)
    monkeypatch.setattr("lineage_diff.dvc.lock.fast_parser.parse_block", parsed)
    monkeypatch.setattr(graph, "_link", linked)
    graph._recent.clear()
    repository = open_repository(repositories[size])
    reader = LineageReader(repository)
    base = reader.read(repository.resolve("HEAD~1"))
    assert (parsed.count, linked.count) == (size, 1)
    head = reader.read(repository.resolve("HEAD"))
    assert (parsed.count, linked.count) == (size + size // 10, 1)
    before = {stage.id: stage for stage in base.stages}
    changed = [stage for stage in head.stages if before[stage.id] is not stage]
    assert len([stage for stage in changed if not stage.is_dvcfile]) == size // 10


class Walked(dict[str, Any]):
    """Counts how often all its keys are gone through."""

    walks = 0

    def keys(self) -> Any:
        self.walks += 1
        return super().keys()

    def items(self) -> Any:
        self.walks += 1
        return super().items()

    def __iter__(self) -> Iterator[str]:
        self.walks += 1
        return super().__iter__()


def test_the_contents_of_a_commit_are_not_gone_through_for_each_dep(
    repositories: dict[int, Path],
) -> None:
    walks = {}
    for size, repo in repositories.items():
        repository = open_repository(repo)
        lineage, held = LineageReader(repository).read_with_contents(repository.resolve("HEAD"))
        state = commit_alone(lineage, held)
        contents = Walked(state.evidence.contents)
        evidence = replace(state.evidence, contents=contents)
        assert len(contents) >= size // CHAIN
        freshness(replace(state, evidence=evidence))
        walks[size] = contents.walks
    assert walks[SIZES[0]] == walks[SIZES[1]]


def test_the_files_of_a_commit_are_not_gone_through_for_each_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[Walked] = []
    list_tree = GitSnapshot._list

    def walked(self: GitSnapshot) -> Any:
        files, folders = list_tree(self)
        listed.append(Walked(files))
        return listed[-1], folders

    monkeypatch.setattr(GitSnapshot, "_list", walked)
    walks = []
    for size in (2, 20):
        repo = GitRepo(tmp_path / str(size))
        for number in range(size):
            for file in (".dvc/config", ".dvcignore", "data/x"):
                repo.write(f"p{number}/{file}", "# x\n")
            repo.write(f"p{number}/data.dvc", f"outs: [{{path: model.pt, md5: {'a' * 32}}}]\n")
            repo.write(f"p{number}/dvc.yaml", "stages: {s: {cmd: x, deps: [data]}}\n")
        commit = repo.commit()
        repository = open_repository(repo.path)
        lineage, held = LineageReader(repository).read_with_contents(commit)
        assert (len(lineage.stages), len(held.contents)) == (2 * size, size)
        walks.append(sum(files.walks for files in listed))
        listed.clear()
    assert walks[0] == walks[1] > 0


def test_the_outs_are_gone_through_once_for_all_params_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(tmp_path / "repo", SIZES[0], "monorepo")
    indexed = Calls(metrics_and_params._kept_inside)
    monkeypatch.setattr(metrics_and_params, "_kept_inside", indexed)
    repository = open_repository(tmp_path / "repo")
    lineage = LineageReader(repository).read(repository.resolve("HEAD"))
    assert len(lineage.params) == SIZES[0] // CHAIN
    # Once for the params, and once for the metrics.
    assert indexed.count == 2


@pytest.mark.parametrize("size", SIZES)
def test_an_audit_parses_each_block_of_all_revisions_once(
    repositories: dict[int, Path], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = Calls(parse_block)
    monkeypatch.setattr("lineage_diff.dvc.lock.fast_parser.parse_block", parsed)
    report = audit(AuditRequest(open_history(repositories[size])))
    assert len(report.traces) == size // CHAIN
    assert parsed.count == size + size // 10


@pytest.mark.parametrize("shape", ["foreach", "matrix"])
def test_a_template_is_taken_apart_once_however_many_stages_it_makes(
    tmp_path: Path, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(tmp_path / "repo", SIZES[0], shape)
    resolved, taken_apart = Calls(EntryDefinition.resolve_stage), Calls(stage_template)
    monkeypatch.setattr(EntryDefinition, "resolve_stage", resolved)
    monkeypatch.setattr("lineage_diff.dvc.pipeline.usual_template.stage_template", taken_apart)
    repository = open_repository(tmp_path / "repo")
    lineage = LineageReader(repository).read(repository.resolve("HEAD"))
    assert len([stage for stage in lineage.stages if stage.group]) == SIZES[0]
    # Each template once, and once what stands beside the stages.
    assert (resolved.count, taken_apart.count) == (0, CHAIN + 1)


def test_a_table_of_revisions_reads_each_of_them_once(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(git_repo, {"accuracy": 0.9})
    for name in ("a", "b", "c"):
        experiment(git_repo, name, 0.2, {"accuracy": 0.8})
    read: list[str] = []
    reads = LineageReader._read

    def counted(self: LineageReader, snapshot: Any, budget: Any) -> Any:
        read.append(snapshot.commit)
        return reads(self, snapshot, budget)

    monkeypatch.setattr(LineageReader, "_read", counted)
    assert main(["compare", "--repo", str(git_repo.path), "main", "a", "b", "c"]) == 0
    assert "accuracy" in capsys.readouterr().out
    assert len(read) == len(set(read)) == 4


def test_links_of_one_folder_are_followed_once(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = range(30)
    for number in numbers:
        git_repo.symlink(f"d/l{number}", "../out.bin")
    stages = "".join(
        f"  s{n}:\n    cmd: x\n    deps: [d, d/l{n}]\n    outs: [m{n}.pt]\n" for n in numbers
    )
    git_repo.write("dvc.yaml", f"stages:\n  a:\n    cmd: x\n    outs: [out.bin]\n{stages}")
    head = git_repo.commit()
    follow = Calls(TreeSnapshot.follow)
    monkeypatch.setattr(TreeSnapshot, "follow", lambda self, path: follow(self, path))
    lineage = LineageReader(open_repository(git_repo.path)).read(head)
    deps = {dep.path: dep for stage in lineage.stages for dep in stage.deps}
    assert deps["d"].inner_targets == ("out.bin",)
    assert deps["d/l7"].target == "out.bin"
    # Each link once, and the folder; not each link for each stage.
    assert follow.count < 3 * len(numbers)


def test_traces_share_the_runs_behind_several_models(git_repo: GitRepo) -> None:
    numbers = range(1, 20)
    stages = "".join(
        f"  s{n}:\n    cmd: x\n    deps: [m{n - 1}.pt]\n    outs: [m{n}.pt]\n" for n in numbers
    )
    entries = "".join(
        f"  s{n}:\n    cmd: x\n    deps:\n    - {{path: m{n - 1}.pt, md5: '{n - 1:032x}'}}\n"
        f"    outs:\n    - {{path: m{n}.pt, md5: '{n:032x}'}}\n"
        for n in numbers
    )
    git_repo.write("dvc.yaml", f"stages:\n{stages}")
    git_repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{entries}")
    git_repo.commit()
    report = audit(AuditRequest(open_history(git_repo.path)))
    for traces in (report.traces, storable_audit(report).traces):
        runs = [run for trace in traces for run in trace.runs]
        assert len(runs) == sum(numbers)
        assert len({id(run) for run in runs}) == len(numbers)


def test_what_stages_share_is_compared_once_with_what_it_was(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = range(20)
    stages = "".join(f"  s{n}:\n    cmd: x\n    deps: [d]\n    outs: [m{n}.pt]\n" for n in numbers)
    entries = "".join(
        f"  s{n}:\n    cmd: x\n    deps:\n    - {{path: d, md5: '{n:032x}.dir', nfiles: 2}}\n"
        f"    outs:\n    - {{path: m{n}.pt, md5: '{n:032x}'}}\n"
        for n in numbers
    )
    git_repo.write("dvc.yaml", f"stages:\n{stages}")
    git_repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{entries}")
    git_repo.write("d/a.csv", "1\n")
    git_repo.commit()
    git_repo.write("d/a.csv", "2\n")
    git_repo.commit()
    parts = Calls(CommitView.parts)
    monkeypatch.setattr(CommitView, "parts", lambda self, *given: parts(self, *given))
    assert main(["status", "--repo", str(git_repo.path)]) in (0, 1)
    # Of the folder and of each out, at both commits.
    assert 0 < parts.count <= 2 * (1 + len(numbers))


def folders_in_folders(repo: GitRepo, depth: int, files: int) -> None:
    """Commit as many folders in each other, each a dep of a stage; the innermost has the files."""
    folders = ["/".join(["d"] * at) for at in range(1, depth + 1)]
    stages = "".join(
        f"  s{n}:\n    cmd: x\n    deps: [{at}]\n    outs: [m{n}.pt]\n"
        for n, at in enumerate(folders)
    )
    # More files than Git holds, so that no hash decides.
    entries = "".join(
        f"  s{n}:\n    cmd: x\n    deps:\n    - {{path: {at}, md5: '{n:032x}.dir', nfiles: 999}}\n"
        f"    outs:\n    - {{path: m{n}.pt, md5: '{n:032x}'}}\n"
        for n, at in enumerate(folders)
    )
    repo.write("dvc.yaml", f"stages:\n{stages}")
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{entries}")
    for number in range(files):
        repo.write(f"{folders[-1]}/{number}.csv", "1\n")
    repo.commit()


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the steps of all budgets, by the work that they are spent on."""
    steps_of = Counter[str]()
    spend = WorkBudget.spend

    def count(self: WorkBudget, steps: int, what: str) -> None:
        steps_of[what] += steps
        spend(self, steps, what)

    monkeypatch.setattr(WorkBudget, "spend", count)
    return steps_of


def test_what_did_not_change_in_folders_of_folders_costs_no_steps(
    git_repo: GitRepo, spent: Counter[str]
) -> None:
    folders_in_folders(git_repo, 30, 200)
    git_repo.write("d/" * 30 + "0.csv", "2\n")
    git_repo.commit()
    assert main(["status", "--repo", str(git_repo.path)]) in (0, 1)
    # Each folder holds one file that differs, of 200.
    assert 0 < spent[COMPARING] < 100 * 30


@pytest.mark.parametrize("depth", [5, 30])
def test_a_file_in_folders_of_folders_is_matched_once_with_the_ignore_rules(
    tmp_path: Path, spent: Counter[str], depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    matched, edited = Calls(_Ignored._is_below_ignored), Calls(CommitView._is_edited)
    monkeypatch.setattr(_Ignored, "_is_below_ignored", lambda *given: matched(*given))
    monkeypatch.setattr(CommitView, "_is_edited", lambda *given: edited(*given))
    repo = GitRepo(tmp_path)
    repo.write(".dvcignore", "*.tmp\n")
    folders_in_folders(repo, depth, 200)
    for number in range(200):
        repo.write("d/" * depth + f"{number}.csv", "2\n")
    repo.commit()
    assert main(["status", "--repo", str(repo.path)]) in (0, 1)
    # Its folders share the result, and Git is asked once for the first of the edits.
    assert (matched.count, edited.count) == (200, 1)
    # Some twenty steps in each commit, and once more for the comparison.
    assert 0 < spent[IGNORING] < 200 * 3 * 20 + depth * 200


def test_copies_of_a_lock_share_its_blocks() -> None:
    text = "schema: '2.0'\nstages:\n" + "".join(
        f"  s{n}:\n    cmd: x\n    outs:\n    - path: m{n}.pt\n      md5: a{n:031x}\n"
        "      size: 1\n"
        for n in range(5)
    )
    reader = LockReader()
    read = [reader.next(text.encode(), f"p{number}/dvc.lock", True) for number in range(4)]
    assert all(delta.new is read[0].new for delta in read)
    after = reader.next(text.replace("cmd: x", "cmd: y", 1).encode(), "p2/dvc.lock", True)
    assert (after.follows, [block.name for block in after.new]) == (True, ["s0"])
    assert reader.next(text.encode(), "p3/dvc.lock", True).new == []


def test_copies_of_a_file_are_read_from_git_once(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        git_repo.write(f"p{number}/dvc.yaml", "stages:\n  a:\n    cmd: x\n    outs: [m.pt]\n")
        git_repo.write(f"p{number}/dvc.lock", "schema: '2.0'\nstages:\n  a:\n    cmd: x\n")
    head = git_repo.commit()
    read: list[str] = []

    def recorded(self: BlobProcesses, oids: Iterable[str], limit: int) -> Iterator[Any]:
        for oid, content in reading(self, oids, limit):
            read.append(oid)
            yield oid, content

    reading = BlobProcesses.read
    monkeypatch.setattr(BlobProcesses, "read", recorded)
    assert open_history(git_repo.path).timeline(head)().points
    assert len(read) == len(set(read)) == 2
