import json
from pathlib import Path
from typing import get_args

import jsonschema_rs
import pytest

from lineage_diff import limits
from lineage_diff.config.loader import PATHS, file_on_disk, read_policy
from lineage_diff.config.parser import parse_policy
from lineage_diff.config.schema import LimitKey, PolicyFile, policy_schema
from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import Limits
from lineage_diff.lineage.policy import (
    DataPolicy,
    MetricPolicy,
    Policy,
    PromotionPolicy,
    StagePolicy,
    Suppression,
)
from lineage_diff.parsing.yaml_loader import load_yaml
from tests.support.git_repo import GitRepo

FULL = """\
models: ["models/*.pkl"]
metrics:
  "*.accuracy": {better: higher, tolerance: 1%}
  loss: {better: lower, tolerance: 0.25}
  seconds: {}
data:
  samples/*.csv: {tolerance: 50%}
  "*": {tolerance: 2.5%}
rules:
  stale-model: off
  cycle: warning
silence:
  - {rule: cycle, reason: "known, see the wiki "}
  - path: sandbox/**
    rule: unlocked-stage
    reason: experiments
ignore: [sandbox/**]
fetch: [metrics, listings, metrics]
check: [pushed]
mlflow: {commit: [git.sha, dvc_commit]}
limits: {values-bytes: 33000000, plots: 3}
repository: git.example.com/group/name
mention: true
promotion:
  branches: [main, release/*]
  stages: [dev, prod]
  conditions: {regression: unless-unknown, limits: off}
  silenced: [unlocked-stage]
  to: {dev: {branches: ["*"], conditions: {fresh: off}}}
experiments: promoted
"""
SCHEMA = Path(__file__).parents[2] / "docs" / "lineage-diff.schema.json"


def _snapshot(repo: GitRepo) -> Snapshot:
    return open_repository(repo.path).snapshot(repo.commit())


def test_full_policy() -> None:
    assert parse_policy(FULL.encode(), "f.yml") == Policy(
        models=("models/*.pkl",),
        metrics=(
            MetricPolicy("*.accuracy", "higher", 0.01, True),
            MetricPolicy("loss", "lower", 0.25, False),
            MetricPolicy("seconds"),
        ),
        data=(DataPolicy("samples/*.csv", 0.5), DataPolicy("*", 0.025)),
        rules={"cycle": "warning", "stale-model": "off"},
        suppressions=(
            Suppression("cycle", "known, see the wiki", None, 13),
            Suppression("unlocked-stage", "experiments", "sandbox/**", 14),
        ),
        ignore=("sandbox/**",),
        mlflow_commit=("git.sha", "dvc_commit"),
        fetch=("metrics", "listings"),
        check=("pushed",),
        limits=Limits(plots=3, values_bytes=33_000_000),
        repository="git.example.com/group/name",
        mention=True,
        promotion=PromotionPolicy(
            StagePolicy(("main", "release/*"), {"limits": "off", "regression": "unless-unknown"}),
            ("dev", "prod"),
            ("unlocked-stage",),
            {"dev": StagePolicy(("*",), {"fresh": "off"})},
        ),
        experiments="promoted",
        source="f.yml",
    )


WRONG = [
    ("modls: []", 1, "unknown key 'modls'", "'models'"),
    (
        "zzz: []",
        1,
        "unknown key 'zzz'",
        "Known are: check, data, experiments, extends, fetch, ignore, limits, mention, metrics",
    ),
    ("experiments: some", 1, "`experiments`", "`all`, `promoted` or `none`"),
    ("limits:\n  value-bytes: 1", 2, "unknown key 'value-bytes'", "'values-bytes'"),
    ("limits:\n  plots: 0", 2, "`limits.plots`", "a number from 1"),
    ("limits: {plots: many}", 1, "`limits.plots`", "a number from 1"),
    ("- models", 1, "expected `object`, got `array`", "mapping"),
    ("\nmodels: x", 2, "`models`: expected `array`", "list of globs"),
    ("models:\n- a\n- 3\n", 3, "`models.1`: expected `str`", "list of globs"),
    ("ignore: ['']", 1, "`ignore.0`: expected `str` of length >= 1", "list of globs"),
    ("metrics:\n  acc:\n    better: up", 3, "`metrics.acc.better`", "`higher` or `lower`"),
    ("metrics:\n  acc:\n    beter: higher", 3, "unknown key 'beter'", "'better'"),
    ("metrics:\n  a.b: 3", 2, "`metrics.a.b`: expected `object`", "glob of metrics"),
    ("metrics:\n  a:\n    tolerance: -1", 3, "`metrics.a.tolerance`", "a number from 0"),
    ("metrics:\n  a: {tolerance: 1 %}", 2, "`metrics.a.tolerance`", "`1%`"),
    ("metrics:\n  a: {tolerance: .nan}", 2, "`metrics.a.tolerance`", "a number from 0"),
    ("metrics:\n  a:\n    min: low", 3, "`metrics.a.min`", "Write a number."),
    ("metrics:\n  a:\n    max: [1]", 3, "`metrics.a.max`", "Write a number."),
    ("metrics:\n  a:\n    gate: stop", 3, "`metrics.a.gate`", "`info` or `off`"),
    ("rules:\n  a: error\n  b: fatal", 3, "invalid enum value 'fatal'", "`warning`"),
    ("data: 20%", 1, "`data`: expected `object`", "glob of paths"),
    ("data:\n  a: 20%", 2, "`data.a`: expected `object`", "glob of paths"),
    ("data:\n  a: {}", 2, "required field `tolerance`", "`50%`"),
    ("data:\n  a:\n    tolerance: 0.5", 3, "`data.a.tolerance`", "`50%`"),
    ("data:\n  a:\n    tolerance: 120%", 3, "`data.a.tolerance`", "`50%`"),
    ("data:\n  a:\n    tolerence: 20%", 3, "unknown key 'tolerence'", "'tolerance'"),
    ("silence:\n- cycle", 2, "`silence.0`: expected `object`", "`rule`, `reason`"),
    ("silence:\n  rule: cycle", 1, "`silence`: expected `array`", "list of entries"),
    ("silence:\n- rule: cycle", 2, "required field `reason`", "`rule`, `reason`"),
    ("silence:\n- reason: x", 2, "required field `rule`", "`rule`, `reason`"),
    ("silence:\n- rule: a\n  reason: ' '", 3, "`silence.0.reason`", "`rule`, `reason`"),
    ("silence:\n- rule: a\n  reason: x\n  path: ''", 4, "`silence.0.path`", "`path`"),
    ("silence:\n- rule: a\n  reasn: x", 3, "unknown key 'reasn'", "'reason'"),
    ("fetch: metrics", 1, "`fetch`: expected `array`", "`listings`"),
    ("fetch: [data]", 1, "`fetch.0`", "`listings`"),
    ("check: [pulled]", 1, "`check.0`", "`pushed`"),
    ("\nrepository: owner/name", 2, "`repository`: not a valid value", "`github.com/owner/name`"),
    ("repository: 3", 1, "`repository`: expected `str | null`", "`github.com/owner/name`"),
    ("mention: '@team'", 1, "`mention`: expected `bool`", "`true` or `false`"),
    ("promotion: prod", 1, "`promotion`: expected `object`", "`branches`"),
    ("promotion:\n  brnches: [main]", 2, "unknown key 'brnches'", "'branches'"),
    ("promotion:\n  branches: []", 2, "`promotion.branches`: expected `array`", "`- main`"),
    ("promotion:\n  stages: [a b]", 2, "`promotion.stages.0`", "`- prod`"),
    ("promotion:\n  conditions:\n    frsh: off", 3, "unknown key 'frsh'", "'fresh'"),
    ("promotion:\n  conditions:\n    fresh: on", 3, "`promotion.conditions.fresh`", "`off`"),
    ("promotion:\n  silenced: [3]", 2, "`promotion.silenced.0`", "list of rules"),
    ("promotion:\n  to:\n    dev: {branch: a}", 3, "unknown key 'branch'", "'branches'"),
    ("promotion:\n  to:\n    dev: 1", 3, "`promotion.to.dev`: expected `object`", "`conditions`"),
    ("mlflow: [a]", 1, "`mlflow`: expected `object`", "`commit`"),
    ("mlflow:\n  comit: [a]", 2, "unknown key 'comit'", "'commit'"),
    ("mlflow:\n  commit: []", 2, "`mlflow.commit`: expected `array` of length >= 1", "`commit`"),
    ("mlflow:\n  commit: [a, 'b`c']", 2, "`mlflow.commit.1`: not a valid value", "`commit`"),
    ("rules:\n  a: error\n  a: info", 3, "a", ""),
    ("models: [", 2, "not valid YAML", "syntax"),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), WRONG, ids=range(len(WRONG)))
def test_wrong_policy(text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_policy(text.encode(), "f.yml")
    assert (caught.value.file, caught.value.line) == ("f.yml", line)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_unknown_rule_is_refused_where_the_rules_are_known() -> None:
    known = ("cycle", "legacy-lock")
    text = b"rules:\n  cycel: off\n"
    assert parse_policy(text, "f.yml").rules == {"cycel": "off"}
    with pytest.raises(InputError, match=r"f\.yml:2: unknown rule 'cycel'\. Did you mean 'cycle'"):
        parse_policy(text, "f.yml", known)
    entry = b"silence:\n- reason: x\n  rule: legacy-lok\n"
    assert parse_policy(entry, "f.yml").suppressions[0].rule == "legacy-lok"
    with pytest.raises(InputError, match=r"f\.yml:3: unknown rule 'legacy-lok'.*'legacy-lock'"):
        parse_policy(entry, "f.yml", known)


def test_a_promotion_names_rules_and_stages_that_exist() -> None:
    silenced = b"promotion:\n  silenced:\n  - cycel\n"
    with pytest.raises(InputError, match=r"f\.yml:3: unknown rule 'cycel'\. Did you mean 'cycle'"):
        parse_policy(silenced, "f.yml", ("cycle",))
    text = b"promotion:\n  stages: [dev, staging]\n  to:\n    stagin: {}\n"
    with pytest.raises(InputError, match=r"f\.yml:4: unknown stage 'stagin'.*'staging'"):
        parse_policy(text, "f.yml")


@pytest.mark.parametrize("name", [".github/lineage-diff.yml", ".github/lineage-diff.yaml"])
def test_usual_places(git_repo: GitRepo, name: str) -> None:
    git_repo.write(name, "ignore: [x]\n")
    assert read_policy(_snapshot(git_repo)) == Policy(ignore=("x",), source=name)


def test_no_file_means_every_default(git_repo: GitRepo) -> None:
    git_repo.write("dvc.yaml", "")
    assert read_policy(_snapshot(git_repo)) == Policy()


def test_empty_file_means_every_default(git_repo: GitRepo) -> None:
    git_repo.write("conf/ours.yml", "# nothing yet\n")
    assert read_policy(_snapshot(git_repo), "conf/ours.yml") == Policy(source="conf/ours.yml")


def test_named_file_must_be_there(git_repo: GitRepo) -> None:
    git_repo.write("conf/ours.yml", "")
    with pytest.raises(InputError, match=r"conf/our\.yml: no such file.*Did you mean conf/ours"):
        read_policy(_snapshot(git_repo), "conf/our.yml")


@pytest.mark.parametrize(
    ("place", "where", "hint"),
    [
        (None, "commit {commit}", "Commit it to that branch first, or name another file."),
        ("the shared repository", "the shared repository", "Name a file there."),
    ],
)
def test_a_named_file_like_no_other_is_told_where_to_be(
    git_repo: GitRepo, place: str | None, where: str, hint: str
) -> None:
    git_repo.write("README.md", "")
    snapshot = _snapshot(git_repo)
    with pytest.raises(InputError) as caught:
        read_policy(snapshot, "conf/our.yml", place=place)
    error = caught.value
    message = f"no such file in {where.format(commit=snapshot.commit[:7])}"
    assert (error.message, error.hint, error.file) == (message, hint, "conf/our.yml")


@pytest.mark.parametrize("text", ["repository: here", "\nrepository: ../x", "repository: a/b/"])
def test_no_address_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_policy(text.encode(), "f.yml")
    error = caught.value
    assert error.hint == HINTS["repository: here"]
    assert (error.file, error.line) == ("f.yml", 1 + text.count("\n"))


def test_the_file_on_disk_is_read_from_any_folder_and_only_inside(tmp_path: Path) -> None:
    root, (usual, other) = tmp_path / "repo", PATHS[:2]
    (root / ".github").mkdir(parents=True)
    assert file_on_disk(root) is None
    (root / other).write_bytes(b"ignore: [o]\r\n")
    assert file_on_disk(root) == (other, b"ignore: [o]\n")
    (root / usual).write_bytes(b"ignore: [x]\r\nmodels: [y]\n")
    text = b"ignore: [x]\nmodels: [y]\n"
    assert file_on_disk(root) == file_on_disk(root, usual) == (usual, text)
    assert file_on_disk(root, "none.yml") is None
    (tmp_path / "outside.yml").write_bytes(text)
    (root / "link.yml").symlink_to("../outside.yml")
    (root / "inner.yml").symlink_to(usual)
    assert file_on_disk(root, "link.yml") is None
    assert file_on_disk(root, "../outside.yml") is None
    assert file_on_disk(root, "inner.yml") == ("inner.yml", text)
    for size, found in ((limits.POLICY_BYTES, True), (limits.POLICY_BYTES + 1, False)):
        (root / usual).write_bytes(b"#" * size)
        assert (file_on_disk(root) is not None) == found


def test_work_tree_is_not_read(git_repo: GitRepo) -> None:
    git_repo.write("a", "")
    snapshot = _snapshot(git_repo)
    git_repo.write(".github/lineage-diff.yml", "ignore: [x]\n")
    assert read_policy(snapshot) == Policy()


def test_overlong_file_is_refused(git_repo: GitRepo) -> None:
    git_repo.write(".github/lineage-diff.yml", "#" * 300_000)
    with pytest.raises(InputError, match="over the limit of 262144"):
        read_policy(_snapshot(git_repo))


def test_the_limits_are_those_that_can_be_raised() -> None:
    assert get_args(LimitKey) == limits.KEYS


@pytest.mark.parametrize("key", limits.KEYS)
def test_a_limit_that_is_set_changes_itself_alone(git_repo: GitRepo, key: str) -> None:
    git_repo.write(PATHS[0], f"limits: {{{key}: 7}}\n")
    found = read_policy(_snapshot(git_repo)).limits
    changed = {name for name in Limits.__struct_fields__ if getattr(found, name) == 7}
    assert [limits.key(name) for name in changed] == [key]
    (git_repo.path / PATHS[0]).unlink()
    assert read_policy(_snapshot(git_repo)).limits == limits.USUAL


def test_published_schema_is_the_types() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == policy_schema()


@pytest.mark.parametrize("text", [row[0] for row in WRONG[:-2]], ids=range(len(WRONG) - 2))
def test_schema_refuses_what_the_reader_refuses(text: str) -> None:
    if ".nan" in text:
        text = text.replace(".nan", "-.inf")
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(policy_schema(), load_yaml(text, "f.yml"))


def test_schema_takes_what_the_reader_takes() -> None:
    jsonschema_rs.validate(policy_schema(), load_yaml(FULL, "f.yml"))


_GLOBS = "Write a list of globs, like `- models/*.pkl`."
_METRIC = "Write a glob of metrics with `better`, `tolerance`, `min`, `max` or `gate` below."
_DATA = "Write a glob of paths with `tolerance` below it, a share like `50%`."
_SILENCE = "Write a list of entries with `rule`, `reason` and, for a part only, `path`."
_FETCH = "Write a list of `metrics`, `plots`, `listings`, or of some of them."
_BRANCHES = "Write a list of globs of branches, like `- main`."
_CONDITIONS = "Write `NAME: required`, `unless-unknown` or `off`."
_STAGE = "Write a stage with `branches` or `conditions` below it."
HINTS = {
    "extends: 1": "Write `repository`, `commit`, `sha256` and, if it is another, `path` below it.",
    "extends: {repository: o/n, commit: x, sha256: y}": "Write the full id of a commit.",
    f"extends: {{repository: o/n, commit: {'a' * 40}, sha256: y}}": "Write the 64 hex digits.",
    "models: 1": _GLOBS,
    "ignore: {}": _GLOBS,
    "metrics: 1": _METRIC,
    "metrics: {a: 1}": _METRIC,
    "metrics: {a: {better: up}}": "Write `higher` or `lower`.",
    "metrics: {a: {tolerance: x}}": "Write a number from 0, like `0.01`, a share of the old value, "
    "like `1%`, or `auto` for the spread of its values.",
    "metrics: {a: {min: x}}": "Write a number.",
    "metrics: {a: {max: x}}": "Write a number.",
    "metrics: {a: {gate: x}}": "Write `error`, `warning`, `info` or `off`.",
    "data: {a: 1}": _DATA,
    "data: {a: {tolerance: x}}": _DATA,
    "rules: {cycle: x}": "Write `NAME: error`, `warning`, `info` or `off`.",
    "silence: 1": _SILENCE,
    "silence: [1]": _SILENCE,
    "limits: {yaml-nodes: 0}": "Write a number from 1.",
    "fetch: all": _FETCH,
    "fetch: [x]": _FETCH,
    "check: [x]": "Write a list with `pushed`.",
    "experiments: x": "Write `all`, `promoted` or `none`.",
    "repository: here": "Write the address of the repository, like `github.com/owner/name`.",
    "organization: [1]": "Write a folder or an address, like `s3://bucket/tables`.",
    "redact: 1": "Write a list of globs of paths.",
    "mention: 1": "Write `true` or `false`.",
    "promotion: 1": "Write `branches`, `stages`, `conditions`, `silenced` or `to` below it, or "
    "some of them.",
    "promotion: {branches: 1}": _BRANCHES,
    "promotion: {to: {prod: {branches: 1}}}": _BRANCHES,
    "promotion: {conditions: {fresh: x}}": _CONDITIONS,
    "promotion: {to: {prod: {conditions: {fresh: x}}}}": _CONDITIONS,
    "promotion: {stages: 1}": "Write a list of stages, like `- prod`.",
    "promotion: {silenced: 1}": "Write a list of rules.",
    "promotion: {to: 1}": _STAGE,
    "promotion: {to: {prod: 1}}": _STAGE,
    "mlflow: 1": "Write `commit` with a list of names of tags and params below it.",
}


@pytest.mark.parametrize("text", HINTS)
def test_the_hint_shows_what_to_write(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_policy(text.encode(), "f.yml")
    assert caught.value.hint == HINTS[text]


@pytest.mark.parametrize("text", ["- 1", "1"])
def test_the_hint_for_no_mapping_names_each_section(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_policy(text.encode(), "f.yml")
    named = caught.value.hint.removeprefix("Write a mapping of `").removesuffix(
        "`, or of some of them."
    )
    assert sorted(named.split("`, `")) == sorted(PolicyFile.__struct_encode_fields__)


def test_the_configuration_of_a_commit_may_name_known_rules_only(git_repo: GitRepo) -> None:
    git_repo.write(PATHS[0], "rules: {stale-modle: off}\n")
    commit = git_repo.commit()
    snapshot = open_repository(git_repo.path).snapshot(commit)
    with pytest.raises(InputError, match="stale-modle"):
        read_policy(snapshot, known_rules=("stale-model",))
