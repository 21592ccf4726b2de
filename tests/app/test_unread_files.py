"""A file that one commit cannot read: unknown there, in both directions, and nothing else."""

from collections.abc import Callable

import pytest

from lineage_diff.app.audit.questions import impact, trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.history.reader import open_history
from lineage_diff.render.markdown import markdown
from lineage_diff.report.report import Report
from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = """\
stages:
  t:
    cmd: cp file.txt model.pkl && cp src.json m.json
    deps: [file.txt, src.json]
    params: [x, {conf.py: [LR]}]
    outs: [model.pkl]
    metrics: [{m.json: {cache: false}}]
  t2:
    cmd: cp other.txt model2.pkl
    deps: [other.txt]
    outs: [model2.pkl]
"""
FILES = {
    "dvc.yaml": PIPELINE,
    "params.yaml": "x: 1\n",
    "conf.py": "LR = 1\nEPOCHS = 2\n",
    "file.txt": "a\n",
    "other.txt": "z\n",
    "src.json": '{"acc": 0.5}\n',
}
Break = Callable[[str], str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> DvcRepo:
    repo = DvcRepo(tmp_path_factory.mktemp("unread") / "repo", shell)
    repo.files(FILES)
    repo.dvc("add", "-q", "file.txt")
    repo.repro("Base")
    return repo


def conflict(text: str, line: str) -> str:
    """Return the text with a conflict of Git's in the place of its first line that begins so."""
    lines = text.splitlines(keepends=True)
    at = next(number for number, one in enumerate(lines) if one.startswith(line))
    other = lines[at].replace(lines[at].split()[-1], "0" * 32)
    marks = ("<<<<<<< ours\n", "=======\n", ">>>>>>> theirs\n")
    return "".join([*lines[:at], marks[0], lines[at], marks[1], other, marks[2], *lines[at + 1 :]])


def entries_conflict(text: str) -> str:
    """Return a lock in which two branches wrote the entry of `t2`, the last one, each its own."""
    start = text.index("  t2:")
    own = text[start:]
    other = own.replace("md5: ", "md5: 0")
    return f"{text[:start]}<<<<<<< ours\n{own}=======\n{other}>>>>>>> theirs\n"


Case = tuple[str, Break, dict[str, str], tuple[str, str]]
CASES: dict[str, Case] = {
    "a conflict inside of a lock entry": (
        "dvc.lock",
        lambda text: conflict(text, "      md5:"),
        {"model.pkl": "unknown", "model2.pkl": "fresh"},
        ("lock-conflict", "dvc.lock"),
    ),
    "a conflict of whole lock entries": (
        "dvc.lock",
        entries_conflict,
        {"model.pkl": "fresh", "model2.pkl": "unknown"},
        ("lock-conflict", "dvc.lock"),
    ),
    "a lock entry twice": (
        "dvc.lock",
        lambda text: text + text[text.index("  t2:") :],
        {"model.pkl": "fresh", "model2.pkl": "unknown"},
        ("duplicate-key", "dvc.lock"),
    ),
    "a bracket in a lock entry": (
        "dvc.lock",
        lambda text: text.replace("cmd: cp other.txt", "cmd: [cp other.txt"),
        {"model.pkl": "fresh", "model2.pkl": "unknown"},
        ("invalid-pipeline", "dvc.lock"),
    ),
    "a conflict at the top of a lock": (
        "dvc.lock",
        lambda text: conflict(text, "schema:"),
        {"model.pkl": "unknown", "model2.pkl": "unknown"},
        ("lock-conflict", "dvc.lock"),
    ),
    "an empty lock": (
        "dvc.lock",
        lambda text: "",
        {"model.pkl": "unknown", "model2.pkl": "unknown"},
        ("invalid-pipeline", "dvc.lock"),
    ),
    "a conflict in a .dvc file": (
        "file.txt.dvc",
        lambda text: conflict(text, "- md5:"),
        {"model.pkl": "unknown", "model2.pkl": "fresh"},
        ("lock-conflict", "file.txt.dvc"),
    ),
    "a bracket in dvc.yaml": (
        "dvc.yaml",
        lambda text: text.replace("cmd: cp other.txt", "cmd: [cp other.txt"),
        {"model.pkl": "unknown", "model2.pkl": "unknown"},
        ("invalid-pipeline", "dvc.yaml"),
    ),
    "a stage twice": (
        "dvc.yaml",
        lambda text: text + "  t2:\n    cmd: echo\n",
        {"model.pkl": "unknown", "model2.pkl": "unknown"},
        ("duplicate-key", "dvc.yaml"),
    ),
    "one stage that the schema refuses": (
        "dvc.yaml",
        lambda text: text.replace("deps: [other.txt]", "deps: other.txt"),
        {"model.pkl": "unknown", "model2.pkl": "unknown"},
        ("invalid-pipeline", "dvc.yaml"),
    ),
    "params that do not parse": (
        "params.yaml",
        lambda text: "x: 1\n y: 2\n",
        {"model.pkl": "unknown", "model2.pkl": "fresh"},
        ("invalid-pipeline", "params.yaml"),
    ),
    "Python params that do not parse": (
        "conf.py",
        lambda text: "LR = (\n",
        {"model.pkl": "unknown", "model2.pkl": "fresh"},
        ("invalid-pipeline", "conf.py"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_the_head_cannot_read_is_unknown(built: DvcRepo, case: str) -> None:
    branch, (_, _, fresh, finding) = broken(built, case)
    report = compared(built, "main", branch)
    assert_nothing_changed(report)
    unknown = {model.path for model in report.models if model.affected}
    assert unknown == {path for path, state in fresh.items() if state == "unknown"}
    assert {model.path: model.freshness for model in report.models} == fresh
    assert [(item.rule, item.file) for item in report.findings] == [finding]
    assert report.findings[0].severity == "error"


@pytest.mark.parametrize("case", CASES)
def test_what_the_base_could_not_read_is_no_change(built: DvcRepo, case: str) -> None:
    branch, (_, _, fresh, finding) = broken(built, case)
    report = compared(built, branch, "main")
    assert_nothing_changed(report)
    assert {model.path: model.freshness for model in report.models} == dict.fromkeys(fresh, "fresh")
    assert [(item.rule, item.file) for item in report.findings] == [finding]
    assert report.findings[0].severity == "warning"


@pytest.mark.parametrize("case", CASES)
def test_the_headline_claims_no_more_than_is_known(built: DvcRepo, case: str) -> None:
    branch, (file, *_) = broken(built, case)
    report = compared(built, branch, "main")
    may_be_affected = [model.path for model in report.models if model.affected]
    assert may_be_affected == (["model.pkl"] if file in ("params.yaml", "conf.py") else [])
    known = (
        "1 model is affected but unchanged" if may_be_affected else "no model known to be affected"
    )
    assert f"🟡 Lineage diff: {known}\n" in markdown(report)
    assert file in [item.subject for item in report.unknowns]


@pytest.mark.parametrize("case", CASES)
def test_the_other_questions_know_the_models_still(built: DvcRepo, case: str) -> None:
    branch, (_, _, fresh, _) = broken(built, case)
    report = status_of(StatusRequest(built.path, branch)).report
    assert {model.path: model.freshness for model in report.models} == fresh
    request = AuditRequest(open_history(built.path), branch)
    (traced,) = trace(request, "model.pkl").traces
    assert traced.freshness == fresh["model.pkl"]
    assert [found.path for found in impact(request, "other.txt").impacts[0].models] == [
        "model2.pkl"
    ]


def broken(repo: DvcRepo, case: str) -> tuple[str, Case]:
    """Commit what a case breaks on a branch of its own; return that and the case."""
    file, edit, *_ = CASES[case]
    name = case.replace(" ", "-").replace(".", "")
    if name not in repo.git("branch", "--format=%(refname:short)").split():
        repo.checkout("main")
        repo.branch(name)
        repo.write(file, edit((repo.path / file).read_text()))
        repo.git("commit", "-qam", case)
        repo.checkout("main")
    return name, CASES[case]


def compared(repo: DvcRepo, base: str, head: str) -> Report:
    return compare_revisions(Request(repo.path, base, head, direct=True)).report


def assert_nothing_changed(report: Report) -> None:
    assert [m.change for m in report.models] == ["unchanged"] * 2
    assert {stage.change for stage in report.stages} == {"unchanged"}
    assert (report.data, report.params, report.metrics, report.plots) == ((), {}, {}, ())
    assert {pipeline.change for pipeline in report.pipelines} == {"unchanged"}
