from collections.abc import Callable

import pytest
from msgspec.structs import replace

from lineage_diff.forge.github.check_runs import publish_check
from lineage_diff.forge.github.limits import CHECK_TEXT_LIMIT
from lineage_diff.forge.publication import Check, RunAttempt
from tests.publish.conftest import CHECK, NAME, OLD, Place
from tests.support.github import CUT_AFTER, error

CHECKS = f"/repos/{NAME}/check-runs"


def test_a_check_run_says_all_of_it(place: Place) -> None:
    assert publish_check(place.github(), replace(CHECK, text="More")).done == "created"
    (run,) = place.server.state.check_runs_of(NAME, OLD)
    assert (run.status, run.conclusion, run.title) == ("completed", "failure", CHECK.title)
    assert (run.summary, run.text, run.details_url) == ("What is wrong", "More", CHECK.details_url)
    assert run.annotations == (
        {
            "path": "dvc.yaml",
            "start_line": 3,
            "end_line": 3,
            "annotation_level": "warning",
            "title": "stale-model",
            "message": "Why",
        },
    )


def test_a_lost_answer_is_found_by_its_own_attempt_alone(place: Place) -> None:
    publish_check(place.github(), replace(CHECK, run=RunAttempt(7, 2)))
    publish_check(place.github(), replace(CHECK, name="another"))
    place.server.faults.on("POST", CHECKS, CUT_AFTER)
    assert publish_check(place.github(), CHECK).notes == ()
    assert len(place.server.state.check_runs) == 3


def test_an_annotation_that_github_refuses_costs_the_annotations_alone(place: Place) -> None:
    place.server.faults.on("POST", CHECKS, error(422))
    done = publish_check(place.github(), CHECK)
    assert (done.done, [note.why for note in done.notes]) == ("created", ["unavailable"])
    (run,) = place.server.state.check_runs_of(NAME, OLD)
    assert (run.title, run.annotations) == (CHECK.title, ())


def test_a_commit_that_is_not_there_is_a_note(place: Place) -> None:
    done = publish_check(place.github(), replace(CHECK, head_commit="e" * 40))
    assert (done.done, done.url, len(done.notes)) == ("nothing", None, 1)


@pytest.mark.parametrize(
    "saying",
    [lambda text: replace(CHECK, summary=text), lambda text: replace(CHECK, text=text)],
    ids=["summary", "text"],
)
def test_what_is_too_long_is_the_caller_s_to_cut(
    place: Place, saying: Callable[[str], Check]
) -> None:
    assert publish_check(place.github(), saying("ü" * CHECK_TEXT_LIMIT)).notes == ()
    with pytest.raises(ValueError, match="too long"):
        publish_check(place.github(), saying("x" * (CHECK_TEXT_LIMIT + 1)))


def test_a_long_message_is_cut_to_what_github_takes(place: Place) -> None:
    wide = replace(CHECK.annotations[0], title="t" * 300, message="🧬" * 70_000)
    assert publish_check(place.github(), replace(CHECK, annotations=(wide,))).notes == ()
    (run,) = place.server.state.check_runs_of(NAME, OLD)
    assert len(run.annotations[0]["message"].encode()) <= 64 * 1024
    assert len(run.annotations[0]["title"]) == 255
