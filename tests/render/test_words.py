"""Every kind of cause and reason has words of its own, in Markdown and in a terminal."""

from typing import Any, get_args

import pytest

from lineage_diff.github_action.messages import check_title
from lineage_diff.render.escape.markdown import strong
from lineage_diff.render.html.report import report_html
from lineage_diff.render.markdown import markdown
from lineage_diff.render.summary import Summary
from lineage_diff.render.terminal import terminal
from lineage_diff.report.change import ReproAdvice, StageChange
from lineage_diff.report.findings import SuppressedFinding, Verdict
from lineage_diff.report.reasons import Cause, CauseKind, Reason, ReasonKind
from lineage_diff.report.report import Report
from tests.support.reports import COMMIT, digest, empty, model


def why(cause: Cause) -> str:
    report = empty(models=(model("m.pkl", affected=True, causes=(cause,)),))
    row = next(line for line in markdown(report).splitlines() if "m.pkl" in line)
    return row.split(" | ")[2]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (
            Cause("data", "d", "modified", "md5:a", "md5:b", (), (), 1_000, 2_000),
            "`d` 1.0 → 2.0 kB",
        ),
        (Cause("data", "d", "modified", digest("a"), digest("b")), "`d` `aaaaaaa` → `bbbbbbb`"),
        (Cause("data", "d", "modified", digest("a"), None), "`d` changed"),
        (Cause("data", "d", "added", size_new=2_000), "`d` added, 2.0 kB"),
        (Cause("data", "d", "removed", digest("a")), "`d` removed"),
        (Cause("code", "a.py", "modified", commits=(COMMIT,)), "`a.py` edited in `3f2c1aa`"),
        (Cause("code", "a.py", "added"), "`a.py` added"),
        (
            Cause(
                "environment", "d/Dockerfile", "modified", digest("a"), "md5-dos2unix:" + "b" * 32
            ),
            "`d/Dockerfile` edited",
        ),
        (Cause("environment", "Dockerfile", "removed", digest("a")), "`Dockerfile` removed"),
        (
            Cause(
                "import", "d", "modified", "md5-dos2unix:" + "a" * 32, "md5-dos2unix:" + "b" * 32
            ),
            "`d` `aaaaaaa` → `bbbbbbb`",
        ),
        (
            Cause("code", "a.py", "modified", commits=(COMMIT, "b" * 40, "c" * 40)),
            "`a.py` edited in `3f2c1aa`, `bbbbbbb` and 1 more",
        ),
        (Cause("param", "params.yaml:lr", "modified", 0.1, 0.01), "`lr` 0.1 → 0.01"),
        (Cause("param", "c.yaml:lr", "added", None, "x"), "`c.yaml:lr` added, `x`"),
        (Cause("param", "c.yaml:lr", "removed", 3, None), "`c.yaml:lr` removed, was 3"),
        (Cause("param", "c.yaml:lr", "modified", None, 3), "`c.yaml:lr` null → 3"),
        (Cause("param", "params.yaml:lr", "modified", 1, "1"), '`lr` 1 → `"1"`'),
        (Cause("command", "dvc.yaml:train", "modified", "a", "b"), "command of `train` changed"),
        (Cause("import", "x.dvc", "modified", "v1", "v2"), "`x.dvc` `v1` → `v2`"),
        (
            Cause("import", "x.dvc", "modified", "a" * 40, "b" * 40),
            "`x.dvc` `aaaaaaa` → `bbbbbbb`",
        ),
        (Cause("environment", "env", "modified"), "`env` changed"),
        (Cause("structure", "dvc.yaml:train", "modified"), "`train` rewired"),
        (Cause("structure", "dvc.yaml:train", "added"), "`train` added"),
    ],
)
def test_causes(cause: Cause, words: str) -> None:
    assert why(cause) == words


def test_every_kind_of_cause_is_covered() -> None:
    for kind in get_args(CauseKind):
        assert "`s`" in why(Cause(kind, "s", "modified"))


@pytest.mark.parametrize("kind", get_args(ReasonKind))
def test_reasons(kind: ReasonKind) -> None:
    reason = Reason(kind, "some/path", digest("a"), digest("b"), detail="because of that")
    stage = StageChange("dvc.yaml:train", "dvc.yaml", "unchanged", (), "stale", (reason,))
    report = empty(stages=(stage,))
    row = next(line for line in markdown(report).splitlines() if "| `train` |" in line)
    said = row.split("stale: ")[1].removesuffix(" |")
    assert len(said.split()) >= 3
    assert kind not in said
    plain = terminal(report, color=False, width=200)
    assert said.replace("`", "") in plain
    if kind.endswith("-unknown") or kind == "unreadable":
        assert "because of that" in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"change": "added"}, "added"),
        ({"change": "removed"}, "removed"),
        ({"change": "retrained"}, "retrained"),
        ({"change": "moved", "renamed_from": "old.pkl"}, "moved from `old.pkl`"),
        ({"change": "retrained", "freshness": "stale"}, "retrained, but ⚠️ **stale**"),
        ({"change": "retrained", "freshness": "unknown"}, "freshness not known"),
        ({"change": "retrained", "stale_before": True}, "was stale, now fresh"),
        ({"freshness": "stale", "stale_before": False}, "⚠️ **stale**: inputs changed"),
        ({"freshness": "stale", "stale_before": True}, "as it was before"),
        ({"freshness": "unknown"}, "❔ freshness not known"),
        ({"stale_before": True}, "was stale, now fresh"),
        ({}, "unchanged, although its inputs changed"),
    ],
)
def test_what_happened(values: dict[str, Any], words: str) -> None:
    report = empty(models=(model("m.pkl", affected=True, **values),))
    assert words in markdown(report)
    assert words.replace("`", "").replace("*", "") in terminal(report, color=False, width=200)


MANY = tuple(f"s{n}" for n in range(5))


@pytest.mark.parametrize(
    ("advice", "command"),
    [
        (ReproAdvice(), ""),
        (ReproAdvice(("a",)), "dvc repro a"),
        (ReproAdvice(("a",), all_pipelines=True), "dvc repro a"),
        (ReproAdvice(("x/dvc.yaml:a; rm",)), "dvc repro 'x/dvc.yaml:a; rm'"),
        (ReproAdvice(MANY, all_pipelines=True), "dvc repro --all-pipelines"),
        (ReproAdvice(MANY), "dvc repro s0 s1 s2 s3 s4"),
        (ReproAdvice(("a" * 400,), all_pipelines=True), "dvc repro --all-pipelines"),
        (ReproAdvice(("a" * 4_000,)), ""),
    ],
)
def test_the_command_is_the_advice_in_one_line(advice: ReproAdvice, command: str) -> None:
    assert Summary(empty(repro=advice)).command == command


def test_bold_text_stays_bold_with_spaces_around_it() -> None:
    assert strong(" a b ") == "**a b**"
    assert strong(" ") == '**""**'


def _suppressed(reason: str, *models: bool | None) -> Report:
    quiet = SuppressedFinding("stale-model", "error", "m0", "policy", reason, "dvc.yaml", 2)
    return empty(
        verdict=Verdict("success", 0, 0, (quiet,)),
        models=tuple(
            model(f"m{n}", freshness="stale", affected=True, stale_before=before)
            for n, before in enumerate(models)
        ),
    )


@pytest.mark.parametrize(
    ("report", "start"),
    [
        (_suppressed("by hand", False), "🟡 Lineage diff: 1 model is stale (suppressed: by hand)"),
        (
            _suppressed("by hand", True),
            "🟡 Lineage diff: 1 model is still stale (suppressed: by hand)",
        ),
        (
            _suppressed("by hand", False, False),
            "🟡 Lineage diff: 2 models are stale (1 suppressed)",
        ),
        (
            _suppressed("<b>@x\u202e", False),
            "🟡 Lineage diff: 1 model is stale (suppressed: <code>&#60;b&#62;&#64;<!-- -->x"
            "&#92;u202e&#41;</code>",
        ),
    ],
)
def test_what_is_suppressed_is_said_beside_stale(report: Report, start: str) -> None:
    assert markdown(report).startswith(f"### {start}")
    assert "1 suppressed</summary>" in markdown(report)
    assert check_title(report).endswith("suppressed)")
    assert "by hand" not in check_title(report)
    assert "is suppressed by the configuration: " in report_html(report)
