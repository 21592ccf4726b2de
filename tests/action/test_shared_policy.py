"""The shared configuration that the base branch extends, as the Action gets it."""

import hashlib
import json
from pathlib import Path

import pytest

from lineage_diff.config import shared
from lineage_diff.forge.github.client import connect
from tests.action.runner import Done
from tests.action.scene import Scene
from tests.support.git_repo import GitRepo
from tests.support.github import CUT_BEFORE, error, push_event
from tests.support.github.server import GitHubServer

CONFIG = ".github/lineage-diff.yml"
POLICY = "octo-org/policy"
OFF = 'rules: {stale-model: "off", stale-stage: "off"}\n'
ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(shared, "_offered", {})


class Shared:
    """A repository of an organization with its policy, and one that extends it."""

    def __init__(self, scene: Scene, folder: Path, *, private: bool = False) -> None:
        self.scene = scene
        self.policy = GitRepo(folder / "policy")
        self.policy.write("lineage-diff.yml", OFF)
        self.commit = self.policy.commit("policy")
        scene.github.state.add_repository(POLICY, git=self.policy.path, private=private)

    def extending(self, **entry: str) -> str:
        entry = {
            "repository": POLICY,
            "commit": self.commit,
            "sha256": hashlib.sha256(OFF.encode()).hexdigest(),
        } | entry
        return f"extends: {json.dumps(entry)}\n"

    def on_base(self, file: str = CONFIG, **entry: str) -> None:
        """Let the tip of the base branch extend it."""
        self.scene.origin.checkout("main")
        self.scene.origin.write(file, self.extending(**entry))
        self.scene.base = self.scene.origin.commit("extend the policy")
        self.scene.checkout.git("fetch", "-q", "origin")

    def look(self, **inputs: str) -> Done:
        return self.scene.look(None, comment="never", check="false", **inputs)

    @property
    def asked(self) -> list[str]:
        return [one.path for one in self.scene.github.log if "/contents/" in one.path]


@pytest.fixture
def policy(scene: Scene, tmp_path: Path) -> Shared:
    return Shared(scene, tmp_path)


def test_the_policy_of_another_repository_counts(policy: Shared) -> None:
    assert policy.look().code == 1
    policy.on_base()
    assert policy.look().code == 0
    assert policy.asked == [f"/repos/{POLICY}/contents/lineage-diff.yml"]


@ONE_SERVER
def test_what_the_head_extends_is_not_asked_for(policy: Shared) -> None:
    policy.scene.origin.checkout("more-data")
    policy.scene.origin.write(CONFIG, policy.extending())
    policy.scene.head = policy.scene.origin.commit("excuse myself")
    policy.scene.origin.checkout("main")
    policy.scene.checkout.git("fetch", "-q", "origin")
    assert policy.look().code == 1
    assert policy.asked == []


@ONE_SERVER
@pytest.mark.parametrize(
    "fault", [error(403), error(404), error(502), CUT_BEFORE], ids=lambda f: f.name
)
def test_one_that_cannot_be_read_is_an_error_and_never_no_policy(
    policy: Shared, github: GitHubServer, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect.__kwdefaults__
    monkeypatch.setitem(connect.__kwdefaults__, "sleep", lambda seconds: None)
    policy.on_base()
    github.faults.on("GET", f"/repos/{POLICY}/contents/.*", fault, times=None)  # type: ignore[arg-type]
    done = policy.look()
    assert done.code == 2
    assert f"{POLICY}@{policy.commit[:7]}:lineage-diff.yml cannot be read" in done.log
    assert policy.scene.runner.token not in done.log


@ONE_SERVER
@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"sha256": "0" * 64}, "has another SHA-256"),
        ({"path": "none.yml"}, "cannot be read"),
        ({"commit": "0" * 40}, "cannot be read"),
        ({"repository": "octo-org/none"}, "cannot be read"),
    ],
)
def test_one_that_is_another_is_an_error(policy: Shared, entry: dict[str, str], said: str) -> None:
    policy.on_base(**entry)
    done = policy.look()
    assert (done.code, said in done.log) == (2, True), done.log


@ONE_SERVER
def test_an_error_names_the_file_that_extends(policy: Shared) -> None:
    policy.on_base(".github/lineage-diff.yaml", sha256="0" * 64)
    assert "`.github/lineage-diff.yaml` wants 0000" in policy.look().log


@ONE_SERVER
def test_a_copy_in_the_workspace_serves_for_one_that_the_token_cannot_read(
    scene: Scene, tmp_path: Path
) -> None:
    policy = Shared(scene, tmp_path, private=True)
    scene.runner.token = scene.github.token(contents="read", repositories=["octo-org/models"])
    policy.on_base()
    assert policy.look().code == 2
    folder = scene.checkout.path / "policy"
    folder.mkdir()
    (folder / "lineage-diff.yml").write_text(OFF)
    assert policy.look(extends_from="policy/lineage-diff.yml").code == 0
    assert policy.look(extends_from="../outside.yml").code == 2


@ONE_SERVER
def test_after_a_merge_it_counts_for_the_issue_too(policy: Shared) -> None:
    policy.on_base()
    scene = policy.scene
    before, head = scene.base, scene.stale()
    scene.checkout.git("fetch", "-q", "origin")
    scene.runner.token = scene.github.token(contents="read", issues="write")
    payload = push_event(scene.github, "octo-org/models", before=before, after=head)
    done = scene.runner.step("push", payload, issue="stale", check="false")
    assert done.code == 0, done.log
