"""The workflow to copy for a promotion, run for real when the registry's tag is pushed."""

from pathlib import Path

import pytest

from tests.action import payloads
from tests.action.payloads import HOME, ZEROS
from tests.container.act import Act, starts_image
from tests.container.engine import ROOT
from tests.support.github import GitHubServer
from tests.support.promotion_repo import in_use
from tests.workflows.files import METADATA


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
def test_a_pushed_stage_is_answered_on_its_commit(
    image: str, tmp_path: Path, github: GitHubServer
) -> None:
    origin = in_use(tmp_path / "origin")
    github.state.add_repository(HOME, git=origin.path)
    origin.trained(0.80)
    origin.register("v1.1.0")
    origin.assign("prod", "v1.1.0")
    tag = origin.last_tag()
    clone = origin.clone(tmp_path / "workspace")
    clone.git("checkout", "-q", "--detach", f"refs/tags/{tag}")
    action = starts_image(METADATA, image, tmp_path / "action")
    token = github.token(contents="read", checks="write")
    act = Act(clone.path, action, tmp_path / "act", github, token)
    oid = origin.git("rev-parse", f"refs/tags/{tag}")
    payload = payloads.push(f"refs/tags/{tag}", before=ZEROS, after=oid)
    ran = act.run(ROOT / "docs" / "workflows" / "promotion.yml", "push", payload)
    assert ran.code == 1, ran.log
    (check,) = github.state.check_runs_of(HOME, origin.git("rev-parse", "main"))
    assert (check.name, check.conclusion) == (f"lineage-diff gate {tag}", "failure")
    assert "promotion.json" in ran.artifacts["promotion"]
