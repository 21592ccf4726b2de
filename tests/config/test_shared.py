"""A configuration that extends a shared one: only bytes with the SHA-256 that it names count."""

import hashlib
import json
from pathlib import Path

import pytest

from lineage_diff import limits
from lineage_diff.config import shared
from lineage_diff.config.parser import parse_policy
from lineage_diff.config.schema import PolicyExtends
from lineage_diff.config.shared import extends_of
from lineage_diff.errors import InputError
from lineage_diff.lineage.policy import DataPolicy, Suppression
from lineage_diff.rules.rule_names import RULE_NAMES
from tests.support.git_repo import GitRepo
from tests.support.projects import call, project

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILE = ".github/lineage-diff.yml"
SHARED = """\
rules: {stale-stage: error, orphaned-lock: "off"}
data: {"*": {tolerance: 50%}, "raw/**": {tolerance: 1%}}
silence:
  - {rule: cycle, reason: everywhere}
  - {rule: unlocked-stage, path: "sandbox/**", reason: everywhere}
ignore: ["vendor/**"]
mention: true
fetch: [metrics]
"""


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(shared, "_offered", {})


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def extending(text: str = SHARED, own: str = "", **entry: str) -> str:
    """A configuration that extends `text`, with more of its own."""
    entry = {"repository": "my-org/policy", "commit": COMMIT, "sha256": digest(text)} | entry
    return f"extends: {json.dumps(entry)}\n{own}"


def refusal(config: str) -> InputError:
    with pytest.raises(InputError) as refused:
        parse_policy(config.encode(), FILE, RULE_NAMES)
    return refused.value


@pytest.mark.parametrize(
    ("shared_entry", "own", "stages", "branches", "least"),
    [
        (
            "promotion: {stages: [dev, prod], branches: [main]}",
            "",
            ("dev", "prod"),
            ("main",),
            None,
        ),
        (
            "promotion: {stages: [dev, prod], branches: [main]}",
            "promotion: {stages: [prod]}",
            ("prod",),
            ("main",),
            None,
        ),
        ("metrics: {auc: {min: 0.8, better: higher}}", "metrics: {auc: {max: 1}}", (), (), None),
        ("metrics: {auc: {min: 0.8}}", "metrics: {loss: {max: 1}}", (), (), 0.8),
    ],
)
def test_an_own_entry_of_a_mapping_replaces_the_shared_one_as_a_whole(
    shared_entry: str,
    own: str,
    stages: tuple[str, ...],
    branches: tuple[str, ...],
    least: float | None,
) -> None:
    shared.offer(shared_entry.encode())
    policy = parse_policy(extending(shared_entry, own).encode(), FILE, RULE_NAMES)
    assert policy.promotion.stages == stages
    assert (policy.promotion.usual.branches or ()) == branches
    assert next((m.minimum for m in policy.metrics if m.pattern == "auc"), None) == least


def test_own_entries_come_first_and_count() -> None:
    shared.offer(SHARED.encode())
    own = """\
rules: {stale-stage: info, cycle: warning}
data: {"raw/**": {tolerance: 9%}}
silence: [{rule: newer-lock, path: "a/**", reason: here}]
ignore: [b]
mention: false
"""
    policy = parse_policy(extending(own=own).encode(), FILE, RULE_NAMES)
    assert policy.rules == {"stale-stage": "info", "cycle": "warning", "orphaned-lock": "off"}
    assert policy.data == (DataPolicy("raw/**", 0.09), DataPolicy("*", 0.5))
    assert policy.suppressions == (
        Suppression("newer-lock", "here", "a/**", 4),
        Suppression("cycle", "everywhere", shared=True),
        Suppression("unlocked-stage", "everywhere", "sandbox/**", shared=True),
    )
    assert policy.ignore == ("b", "vendor/**")
    assert (policy.mention, policy.fetch, policy.source) == (False, ("metrics",), FILE)


def test_what_is_not_at_hand_is_an_error_and_never_an_empty_policy() -> None:
    error = refusal(extending(own="mention: true\n"))
    assert "my-org/policy@0123456:lineage-diff.yml is not at hand" in error.message
    assert (error.file, error.line) == (FILE, 1)
    assert "--extends-from FILE" in error.hint
    # Other bytes do not help, also under the right name in the cache.
    shared.offer(b"rules: {}\n")
    assert digest("rules: {}\n")[:12] in refusal(extending()).hint
    place = shared._folder() / digest(SHARED)
    place.write_bytes(b"rules: {}\n")
    assert "is not at hand" in refusal(extending()).message
    place.write_bytes(SHARED.encode())
    assert parse_policy(extending().encode(), FILE).mention


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"commit": "main"}, "extends.commit"),
        ({"commit": COMMIT[:12]}, "extends.commit"),
        ({"sha256": "0" * 63}, "extends.sha256"),
        ({"repository": "https://evil.example/a/b"}, "extends.repository"),
        ({"repository": "../../a"}, "extends.repository"),
        ({"path": "../secret.yml"}, "extends.path"),
        ({"path": "a/../b.yml"}, "extends.path"),
        ({"path": "/etc/passwd"}, "extends.path"),
        ({"path": "-o"}, "extends.path"),
        ({"url": "x"}, "unknown key 'url'"),
    ],
)
def test_an_entry_of_another_form_is_refused(entry: dict[str, str], said: str) -> None:
    error = refusal(extending(**entry))
    assert said in error.message
    assert error.line == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: {stale-modle: error}\n", "unknown rule 'stale-modle'"),
        ("rules: [\n", "not valid YAML"),
        (extending(), "a shared configuration extends another one"),
        ("a: &a [x, x]\nb: &b [*a, *a]\n", "unknown key 'a'"),
    ],
)
def test_an_error_names_the_shared_file(text: str, said: str) -> None:
    shared.offer(text.encode())
    error = refusal(extending(text))
    assert error.message.startswith(said)
    assert error.file == "my-org/policy@0123456:lineage-diff.yml"


def test_what_is_too_long_is_not_kept(tmp_path: Path) -> None:
    text = "#" * (limits.POLICY_BYTES + 1)
    shared.offer(text.encode())
    assert not shared.is_at_hand(digest(text))
    (tmp_path / "long.yml").write_text(text)
    with pytest.raises(InputError, match="over the limit"):
        shared.offer_file(str(tmp_path / "long.yml"), "the file")


def test_the_command_reads_it_from_the_option_and_then_from_the_cache(
    git_repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'rules: {stale-model: "off", stale-stage: "off", unlocked-stage: "off"}\n'
    copy = tmp_path / "policy.yml"
    copy.write_text(text)
    project(git_repo)
    git_repo.write(FILE, extending(text))
    git_repo.write("train.py", "print(2)\n")
    git_repo.commit("stale")
    done = call("status", cwd=git_repo.path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not at hand" in done.stderr
    assert call("status", "--extends-from", str(copy), cwd=git_repo.path).returncode == 0
    monkeypatch.setattr(shared, "_offered", {})
    assert call("status", cwd=git_repo.path).returncode == 0
    missing = call("status", "--extends-from", str(tmp_path / "none"), cwd=git_repo.path)
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)


def test_an_entry_for_many_repositories_is_not_idle_in_one(
    git_repo: GitRepo,
) -> None:
    text = 'silence: [{rule: cycle, path: "nowhere/**", reason: everywhere}]\n'
    shared.offer(text.encode())
    project(git_repo)
    own = 'silence: [{rule: cycle, path: "elsewhere/**", reason: here}]\n'
    git_repo.write(FILE, extending(text, own))
    git_repo.commit("configure")
    done = call("lint", cwd=git_repo.path)
    assert "elsewhere" in done.stdout
    assert "nowhere" not in done.stdout


def test_extends_of_reads_the_entry_alone() -> None:
    found = extends_of(extending().encode(), FILE)
    assert found == PolicyExtends("my-org/policy", COMMIT, digest(SHARED))
    assert extends_of(b"rules: {}\n", FILE) is None
    assert extends_of(extending(commit="main").encode(), FILE) is None
