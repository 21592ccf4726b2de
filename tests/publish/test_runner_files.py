"""The files by which a step tells the runner: summary and outputs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.github_action.runner import outputs
from lineage_diff.github_action.runner import outputs as job_summary


def read_outputs(text: str) -> dict[str, str]:
    """Read the file as the runner does: `NAME<<DELIMITER`, lines, the delimiter alone."""
    found = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, _, end = line.partition("<<")
        value = []
        for inner in lines:
            if inner == end:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(st.sampled_from(["conclusion", "comment_url", "errors"]), TEXTS))
def test_any_value_arrives_and_is_no_other_output(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("outputs") / "output"
    outputs.write_outputs(str(path), values)
    assert read_outputs(path.read_bytes().decode()) == values


def test_a_delimiter_in_a_value_ends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "output"
    outputs.write_outputs(str(path), {"errors": "1"})
    seen = path.read_text().split("<<")[1].split("\n")[0]
    outputs.write_outputs(str(path), {"warnings": f"2\n{seen}\nconclusion=success"})
    assert read_outputs(path.read_text()) == {
        "errors": "1",
        "warnings": f"2\n{seen}\nconclusion=success",
    }


def test_outputs_and_summaries_are_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("first\n")
    job_summary.write_summary(str(path), "second\n")
    assert path.read_text() == "first\nsecond\n"
    path.write_text("first=1\n")
    outputs.write_outputs(str(path), {"errors": "1"})
    assert path.read_text().startswith("first=1\nerrors<<")


def test_what_the_runner_would_drop_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x" * 10)
    with pytest.raises(ValueError, match="too many"):
        job_summary.write_summary(str(path), "ü" * (job_summary.SUMMARY_LIMIT // 2))
    with pytest.raises(ValueError, match="errors"):
        outputs.write_outputs(str(path), {"conclusion": "success", "errors": "x" * 102_401})
    assert path.read_text() == "x" * 10
