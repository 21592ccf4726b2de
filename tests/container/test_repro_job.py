"""Both jobs of after-merge.yml by `act`: the second runs what the first one found stale.

`tests/workflows/test_repro_job.py` runs the scripts of the second over several pushes.
"""

from pathlib import Path

import pytest

from tests.action.payloads import HOME
from tests.container.act import Act, Ran, starts_image
from tests.container.engine import ROOT, docker
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.github import GitHubServer, push_event
from tests.workflows.files import METADATA

TEAM_IMAGE = "lineage-diff-team:under-test"
# What the runner of a team has. This `gh` asks nobody, and records its calls.
TEAM = """\
FROM {image}
RUN apt-get update -qq && apt-get install --yes -qq --no-install-recommends jq
RUN ln -s /opt/lineage-diff/bin/dvc /usr/local/bin/dvc
RUN git config --system safe.directory '*'
RUN printf '#!/bin/sh\\necho "$@" >> "$GH_LOG"\\n' > /usr/local/bin/gh
RUN chmod 0755 /usr/local/bin/gh
"""
PIPELINE = """\
stages:
  train:
    cmd: cp in.txt model.pkl
    deps: [in.txt]
    outs: [model.pkl]
"""


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
def test_what_is_stale_is_run_and_proposed(
    image: str, tmp_path: Path, github: GitHubServer, shell: DvcShell
) -> None:
    (tmp_path / "Dockerfile").write_text(TEAM.format(image=image), encoding="utf-8")
    docker("build", "--tag", TEAM_IMAGE, f"--file={tmp_path / 'Dockerfile'}", str(tmp_path))
    outside = tmp_path / "outside"
    origin = DvcRepo(outside / "origin", shell)
    origin.dvc("remote", "add", "-q", "-d", "store", str(outside / "store"))
    origin.files({"dvc.yaml": PIPELINE, "in.txt": "one\n"})
    before = origin.repro("train")
    origin.dvc("push", "-q")
    origin.edit("in.txt", "one", "two")
    after = origin.save("edit the input")
    github.state.add_repository(HOME, git=origin.path)
    token = github.token(contents="read", issues="write")
    action = starts_image(METADATA, image, tmp_path / "action")
    checkout = origin.clone(tmp_path / "workspace")
    act = Act(checkout.path, action, tmp_path / "act", github, token)

    def push(before: str, after: str) -> Ran:
        payload = push_event(github, HOME, before=before, after=after)
        ran = act.run(
            ROOT / "docs" / "workflows" / "after-merge.yml",
            "push",
            payload,
            f"--platform=self-hosted={TEAM_IMAGE}",
            f"--container-options=--volume={outside}:{outside}",
            f"--env=GH_LOG={outside / 'gh.log'}",
        )
        assert ran.code == 0, ran.log
        return ran

    push(before, after)
    proposed = "refs/heads/lineage-diff/repro"
    assert origin.git("diff", "--name-only", "main", proposed) == "dvc.lock"
    assert [call.split()[:2] for call in (outside / "gh.log").read_text().splitlines()] == [
        ["auth", "setup-git"],
        ["pr", "view"],
        ["pr", "create"],
    ]
    (issue,) = github.state.issues_of(HOME)
    assert issue.state == "open"
    # A person merges it: nothing is stale, so the second job is skipped, and the issue is closed.
    (outside / "gh.log").unlink()
    origin.merge(proposed)
    merged = origin.git("rev-parse", "HEAD")
    checkout.git("pull", "-q")
    push(after, merged)
    assert not (outside / "gh.log").exists()
    (issue,) = github.state.issues_of(HOME)
    assert issue.state == "closed"
