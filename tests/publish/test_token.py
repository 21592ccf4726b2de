"""The token is in no log, no error and no representation; nothing of GitHub's gets to the log."""

import logging
import traceback

import pytest

from lineage_diff.forge.github.client import connect
from lineage_diff.forge.github.comments.publish import publish_comment
from lineage_diff.forge.github.errors import RefusedError
from tests.publish.conftest import IMAGES, NAME, OLD, Place, comment_of, target
from tests.support.github import EVERY_FAULT, Fault


@pytest.mark.parametrize("fault", EVERY_FAULT, ids=lambda fault: fault.name)
def test_whatever_fails_the_token_is_not_told(
    place: Place,
    fault: Fault,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    github = place.github()
    place.server.faults.on("GET", ".*", fault, times=2)
    place.server.faults.on("POST", ".*", fault, times=3)
    done = publish_comment(github, target(), comment_of(OLD, images=IMAGES))
    printed = "".join(capfd.readouterr())
    assert printed == ""
    assert place.token() not in repr(done) + repr(github)


def test_not_even_a_debug_log_holds_the_token(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    github = place.github()
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "github"):
        github.ask("GET", f"/repos/{NAME}")
    assert NAME in caplog.text
    assert place.token() not in caplog.text


@pytest.mark.parametrize(
    "api_url",
    ["http://127.0.0.1:9", "http://no-such-host.invalid", "https://127.0.0.1:9/api/v3"],
)
def test_a_server_that_is_not_there_is_a_refusal(api_url: str) -> None:
    token = "ghs_secret"  # noqa: S105
    github = connect(token, api_url, sleep=lambda seconds: None)
    with pytest.raises(RefusedError) as refused:
        github.ask("GET", "/repos/octo/models")
    assert (refused.value.why, refused.value.unsure) == ("unavailable", True)
    shown = "".join(traceback.format_exception(refused.value))
    assert token not in shown + repr(refused.value)
