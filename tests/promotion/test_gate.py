"""Policies and situations of a promotion, each with the expected verdict: real Git, real GTO."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from lineage_diff.cli.main import main
from lineage_diff.lineage.policy import ConditionName
from tests.support.git_repo import GitRepo
from tests.support.markdown import to_html
from tests.support.promotion_repo import PIPELINE, PromotionRepo, in_use, md5

ORDER = "promotion: {stages: [dev, staging, prod]}\n"
ALLOWED = [f"{name}: unless-unknown" for name in get_args(ConditionName)]
OFF = [f"{name}: off" for name in ("fresh", "inputs", "lock", "branch", "regression", "silence")]
POLICIES = {
    "none": "",
    "order": ORDER,
    "floor": "metrics: {accuracy: {min: 0.85}}\n",
    "allow": f"promotion: {{conditions: {{{', '.join(ALLOWED)}}}}}\n",
    "off": f"promotion: {{conditions: {{{', '.join(OFF)}}}}}\n",
    "dev only": "promotion: {to: {prod: {branches: [release/*]}, dev: {branches: ['*']}}}\n",
}
Situation = Callable[[PromotionRepo], None]


def _promote(repo: PromotionRepo, *stages: str) -> None:
    repo.register("v1.1.0")
    for stage in stages or ("prod",):
        repo.assign(stage, "v1.1.0")


def better(repo: PromotionRepo) -> None:
    repo.trained(0.95)
    _promote(repo)


def stepped(repo: PromotionRepo) -> None:
    repo.trained(0.95)
    _promote(repo, "dev", "staging", "prod")


def skipped_staging(repo: PromotionRepo) -> None:
    repo.trained(0.95)
    _promote(repo, "dev", "prod")


def withdrawn_from_staging(repo: PromotionRepo) -> None:
    repo.trained(0.95)
    _promote(repo, "dev", "staging")
    repo.unassign("staging", "v1.1.0")
    repo.assign("prod", "v1.1.0")


def staging_of_another_version_since(repo: PromotionRepo) -> None:
    repo.trained(0.95)
    _promote(repo, "dev", "staging")
    head = repo.git("rev-parse", "HEAD")
    repo.trained(0.96)
    repo.register("v1.2.0")
    repo.assign("staging", "v1.2.0")
    repo.assign("prod", "v1.1.0")
    assert repo.git("rev-parse", f"{repo.last_tag()}^{{commit}}") == head


def stale(repo: PromotionRepo) -> None:
    repo.run({"accuracy": 0.95})
    repo.edit("train.py", "print('not run')\n")
    repo.commit("another script than the one that ran")
    _promote(repo)


def stale_since(repo: PromotionRepo) -> None:
    repo.trained(0.95)
    repo.edit("train.py", "print('later')\n")
    repo.commit("a script that is not run yet")
    _promote(repo)


def outside(repo: PromotionRepo) -> None:
    text = PIPELINE.replace("    - train.py\n", "    - /mnt/raw.csv\n    - train.py\n")
    repo.write("dvc.yaml", text)
    repo.run({"accuracy": 0.95})
    lock = repo.lock('{"accuracy": 0.95}')
    entry = "    - path: /mnt/raw.csv\n      hash: md5\n      md5: 1234\n      size: 4\n"
    repo.write("dvc.lock", lock.replace("    deps:\n", f"    deps:\n{entry}", 1))
    repo.commit("a dep outside")
    _promote(repo)


def unpinned(repo: PromotionRepo) -> None:
    repo.run({"accuracy": 0.95})
    repo.write(
        "data.csv.dvc",
        f"deps:\n- path: data.csv\n  repo: {{url: https://example.com/x}}\n"
        f"outs:\n- md5: {md5('1' + chr(10))}\n  size: 2\n  hash: md5\n  path: data.csv\n",
    )
    repo.commit("an import without a commit")
    _promote(repo)


def spliced(repo: PromotionRepo) -> None:
    repo.branch("other")
    repo.edit("data.csv", "2\n")
    repo.run({"accuracy": 0.95}, "theirs")
    repo.commit("theirs")
    theirs = repo.git("show", "other:dvc.lock")
    repo.checkout("main")
    repo.files["data.csv"] = "1\n"
    repo.edit("train.py", "print(3)\n")
    repo.run({"accuracy": 0.94}, "ours")
    repo.commit("ours")
    repo.git("merge", "-q", "--no-commit", "-s", "ours", "other")
    repo.edit("data.csv", "2\n")
    mixed = theirs.replace(md5("print(0.9)\n"), md5("print(3)\n"))
    repo.write("dvc.lock", mixed.replace("size: 11", "size: 9"))
    repo.write("metrics.json", '{"accuracy": 0.95}')
    repo.commit("merge")
    _promote(repo)


def on_a_side_branch(repo: PromotionRepo) -> None:
    repo.branch("side")
    repo.trained(0.95)
    _promote(repo)


def on_no_branch(repo: PromotionRepo) -> None:
    on_a_side_branch(repo)
    repo.checkout("main")
    repo.git("branch", "-q", "-D", "side")


def worse(repo: PromotionRepo) -> None:
    repo.trained(0.87)
    _promote(repo)


def below_the_floor(repo: PromotionRepo) -> None:
    repo.trained(0.80)
    _promote(repo)


def as_good(repo: PromotionRepo) -> None:
    repo.trained(0.8999)
    _promote(repo)


def no_number(repo: PromotionRepo) -> None:
    repo.trained(float("nan"))
    _promote(repo)


def no_metric(repo: PromotionRepo) -> None:
    repo.edit("train.py", "print(8)\n")
    repo.run({"recall": 0.9})
    repo.commit("another metric")
    _promote(repo)


def metrics_in_the_cache(repo: PromotionRepo) -> None:
    repo.write("dvc.yaml", PIPELINE.replace("        cache: false\n", "        cache: true\n"))
    repo.trained(0.95)
    repo.git("rm", "-q", "--cached", "metrics.json")
    repo.write(".gitignore", "/metrics.json\n")
    repo.remove("metrics.json")
    repo.commit("metrics in the cache")
    _promote(repo)


def silenced(repo: PromotionRepo) -> None:
    comment = "  # lineage-diff: ignore[undeclared-dependency] it is fine\n  train:\n"
    repo.write("dvc.yaml", PIPELINE.replace("  train:\n", comment))
    repo.trained(0.95)
    _promote(repo)


def added_by_hand(repo: PromotionRepo) -> None:
    repo.write("dvc.yaml", "artifacts:\n  churn: {path: model.pkl, type: model}\n")
    repo.write("model.pkl.dvc", f"outs:\n- md5: {md5('m')}\n  size: 1\n  path: model.pkl\n")
    for name in ("dvc.lock", "metrics.json"):
        repo.remove(name)
    repo.commit("dvc add")
    _promote(repo)


def deprecated(repo: PromotionRepo) -> None:
    better(repo)
    repo.deprecate()


def deregistered(repo: PromotionRepo) -> None:
    better(repo)
    repo.deregister("v1.1.0")


def version_deleted(repo: PromotionRepo) -> None:
    better(repo)
    repo.git("tag", "-d", "churn@v1.1.0")


def version_moved(repo: PromotionRepo) -> None:
    better(repo)
    repo.trained(0.96)
    repo.git("tag", "-f", "-a", "-m", "moved", "churn@v1.1.0")


def stage_moved(repo: PromotionRepo) -> None:
    """The tag of the stage leads to a commit of another version, which is in `prod` already."""
    better(repo)
    tag = _tag(repo)
    repo.git("tag", "-f", "-a", "-m", "moved", tag, "churn@v1.0.0^{commit}")


def two_stages_at_once(repo: PromotionRepo) -> None:
    """As a script may make them: all tags in one second."""
    repo.trained(0.95)
    repo.register("v1.1.0")
    for number, stage in enumerate(("dev", "staging", "prod"), 7):
        repo.git(
            *("-c", "user.name=Bo", "-c", "user.email=bo@example.com"),
            *("tag", "-a", "-m", "promote", f"churn#{stage}#{number}"),
        )


def _tag(repo: PromotionRepo) -> str:
    """Return the tag that promotes to `prod` last."""
    names = [name for name in repo.git("tag").splitlines() if name.startswith("churn#prod#")]
    return max(names, key=lambda name: int(name.rpartition("#")[2]))


# Each situation: by condition, what is not met without a configuration.
SITUATIONS: dict[Situation, Mapping[str, str]] = {
    better: {},
    stepped: {},
    skipped_staging: {},
    withdrawn_from_staging: {},
    staging_of_another_version_since: {},
    stale: {"fresh": "broken"},
    stale_since: {},
    outside: {"fresh": "unknown", "inputs": "broken"},
    unpinned: {"inputs": "broken"},
    spliced: {"lock": "broken"},
    on_a_side_branch: {"branch": "broken"},
    on_no_branch: {"branch": "broken"},
    worse: {"regression": "broken"},
    below_the_floor: {"regression": "broken"},
    as_good: {},
    no_number: {"regression": "broken"},
    no_metric: {"regression": "broken"},
    metrics_in_the_cache: {"regression": "unknown"},
    silenced: {"silence": "broken"},
    added_by_hand: {"fresh": "unknown", "inputs": "unknown", "regression": "broken"},
    deprecated: {"registered": "broken"},
    deregistered: {"registered": "broken"},
    version_deleted: {"registered": "broken"},
    version_moved: {"registered": "broken"},
    stage_moved: {},
    two_stages_at_once: {},
}


def gated(repo: GitRepo, subject: str, *more: str) -> tuple[int, dict[str, Any]]:
    """Run the command, and return its exit code and its report."""
    out = repo.path / ".git" / "gate.json"
    code = main(["gate", subject, "--repo", str(repo.path), "-o", str(out), *more])
    return code, json.loads(out.read_text(encoding="utf-8"))


def states(report: Mapping[str, Any]) -> dict[str, str]:
    found = {item["name"]: item["state"] for item in report["conditions"]}
    return {name: state for name, state in found.items() if state in ("broken", "unknown")}


# The verdict under each policy: `.` may be promoted, `x` may not.
#             none order floor allow off "dev only"
VERDICTS: dict[Situation, str] = {
    better: ".x...x",
    stepped: ".....x",
    skipped_staging: ".x...x",
    withdrawn_from_staging: ".x...x",
    staging_of_another_version_since: ".....x",
    stale: "xxxx.x",
    stale_since: ".x...x",
    outside: "xxxx.x",
    unpinned: "xxxx.x",
    spliced: "xxxx.x",
    on_a_side_branch: "xxxx.x",
    on_no_branch: "xxxx.x",
    worse: "xxxx.x",
    below_the_floor: "xxxx.x",
    as_good: ".x...x",
    no_number: "xxxx.x",
    no_metric: "xxxx.x",
    metrics_in_the_cache: "xxx..x",
    silenced: "xxxx.x",
    added_by_hand: "xxxx.x",
    deprecated: "xxxxxx",
    deregistered: "xxxxxx",
    version_deleted: "xxxxxx",
    version_moved: "xxxxxx",
    stage_moved: ".....x",
    two_stages_at_once: ".....x",
}


def test_every_situation_has_a_verdict_under_every_policy() -> None:
    assert VERDICTS.keys() == SITUATIONS.keys()
    assert {len(verdicts) for verdicts in VERDICTS.values()} == {len(POLICIES)}


@pytest.mark.parametrize("situation", VERDICTS, ids=lambda item: item.__name__)
def test_each_situation_breaks_its_conditions_and_the_policy_decides(
    situation: Situation, tmp_path: Path
) -> None:
    repo = in_use(tmp_path)
    situation(repo)
    code, report = gated(repo, _tag(repo))
    assert states(report) == SITUATIONS[situation]
    assert code == (1 if SITUATIONS[situation] else 0)
    assert report["conclusion"] == ("failure" if code else "success")
    repo.checkout("main")
    # What counts is the default branch at the time of the check, not the commit of the tag.
    tag, found = _tag(repo), ""
    for policy in POLICIES.values():
        repo.configure(policy)
        found += ".x"[gated(repo, tag)[0]]
    assert found == VERDICTS[situation]


def test_the_commit_of_the_tag_cannot_configure_its_own_promotion(tmp_path: Path) -> None:
    repo = in_use(tmp_path)
    repo.branch("side")
    every = ", ".join(f"{name}: off" for name in ("branch", "regression"))
    repo.configure(f"promotion: {{conditions: {{{every}}}, branches: ['*']}}\n")
    worse(repo)
    code, report = gated(repo, _tag(repo))
    assert code == 1
    assert states(report) == {"branch": "broken", "regression": "broken"}
    assert (report["policy"]["rev"], report["policy_file"]) == ("main", None)


def test_the_default_branch_is_that_of_origin(tmp_path: Path) -> None:
    repo = in_use(tmp_path / "origin")
    repo.configure(ORDER)
    clone = PromotionRepo(repo.clone(tmp_path / "clone").path, after=repo)
    clone.configure("promotion: {branches: ['*']}\n")
    clone.trained(0.95)
    clone.register("v1.1.0")
    clone.assign("prod", "v1.1.0")
    code, report = gated(clone, "churn#prod")
    assert code == 1
    # The local `main` is ahead, and others do not see it yet.
    assert states(report) == {"branch": "broken", "order": "broken"}
    assert report["policy"]["rev"] == "origin/main"
    assert report["policy_file"] == ".github/lineage-diff.yml"


def test_what_a_shallow_clone_does_not_have_is_not_known(tmp_path: Path) -> None:
    repo = in_use(tmp_path / "origin")
    better(repo)
    repo.trained(0.96)
    clone = repo.clone(tmp_path / "clone", "--depth=1", "--branch=main")
    clone.git("fetch", "-q", "--depth=1", "origin", "tag", _tag(repo), "tag", "churn@v1.1.0")
    code, report = gated(clone, _tag(repo))
    assert code == 1
    assert states(report) == {"lock": "unknown", "branch": "unknown"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("chrun@v1.0.0",), "the registry in Git tags has no chrun. Did you mean churn?"),
        (("churn@v9.0.0",), "no version 'v9.0.0' of churn. Did you mean v1.0.0?"),
        (("churn#prd",), "no version of churn is in stage 'prd'. Did you mean prod?"),
        (("chrun",), "has no model 'chrun'. Did you mean churn?"),
        (("churn#prod", "--rev", "main"), "determines the commit. Leave out --rev."),
        (("churn#prod#3", "--to", "dev"), "the tag churn#prod#3 names its stage. Leave out --to."),
        (("churn@v1.0.0!#9",), "promotes nothing"),
        (("churn@deprecated#8",), "promotes nothing"),
        (("churn@v1.0.0", "--config", "x.yml"), "no such file in commit"),
        (("churn@v7.0.0",), "the tag churn@v7.0.0 is not annotated"),
        (("lost@v1.0.0",), "the tag lost@v1.0.0 is not annotated"),
        (("lost#prod#4",), "the tag lost#prod#4 is not annotated"),
    ],
)
def test_a_wrong_name_is_an_error_with_the_nearest(
    arguments: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = in_use(tmp_path)
    for name in ("churn@v1.0.0!#9", "churn@deprecated#8"):
        repo.git("tag", "-a", "-m", "x", name)
    for name in ("churn@v7.0.0", "lost@v1.0.0", "lost#prod#4"):
        repo.git("tag", name)
    assert main(["gate", *arguments, "--repo", str(tmp_path)]) == 2
    assert says in capsys.readouterr().err


def test_a_version_whose_commit_names_no_such_model_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = in_use(tmp_path)
    repo.write("dvc.yaml", PIPELINE.replace("churn:", "other:"))
    repo.commit("another name")
    _promote(repo)
    assert main(["gate", "churn#prod", "--repo", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "has no model 'churn'. Name it under `artifacts` in `dvc.yaml`" in err


def test_a_wrong_configuration_is_an_error_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = in_use(tmp_path)
    repo.configure("promotion:\n  conditions:\n    fresh: required\n    inptus: 'off'\n")
    assert main(["gate", "churn#prod", "--repo", str(tmp_path)]) == 2
    says = ".github/lineage-diff.yml:4: unknown key 'inptus'. Did you mean 'inputs'?"
    assert says in capsys.readouterr().err


def test_without_a_default_branch_nothing_is_promoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = in_use(tmp_path)
    repo.git("branch", "-m", "main", "trunk")
    assert main(["gate", "churn#prod", "--repo", str(tmp_path)]) == 2
    assert "cannot find the default branch" in capsys.readouterr().err


def test_what_is_asked_before_the_tag_is_what_is_answered_after_it(tmp_path: Path) -> None:
    repo = in_use(tmp_path)
    repo.configure(ORDER)
    repo.trained(0.85)
    repo.register("v1.1.0")
    before = gated(repo, "churn@v1.1.0", "--to", "prod")[1]
    repo.assign("prod", "v1.1.0")
    after = gated(repo, "churn#prod")[1]
    assert states(before) == states(after) == {"order": "broken", "regression": "broken"}
    assert [item["version"] for item in before["in_use"]] == ["v1.0.0"]
    assert after["in_use"] == before["in_use"]


def test_the_record_names_who_tagged_what_and_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = in_use(tmp_path)
    better(repo)
    tag = _tag(repo)
    report = gated(repo, tag)[1]
    date = repo.git("for-each-ref", "--format=%(taggerdate:iso-strict)", f"refs/tags/{tag}")
    assert report["tag"] == {
        "name": tag,
        "object": repo.git("rev-parse", f"refs/tags/{tag}"),
        "commit": repo.git("rev-parse", "main"),
        "tagger": "Ann <ann@example.com>",
        "date": date.replace("+00:00", "Z"),
    }
    assert report["lock"] == {
        "stage": "dvc.yaml:train",
        "file": "dvc.lock",
        "line": 3,
        "commit": repo.git("rev-parse", "main"),
    }
    assert report["model"]["content"]["hash"].startswith("md5:")
    capsys.readouterr()
    for form in ("markdown", "terminal"):
        main(["gate", tag, "--repo", str(tmp_path), "--format", form])
        shown = capsys.readouterr().out
        tagged = report["tag"]["object"]
        for said in (tag, tagged[:7], "Ann <ann@example.com>", report["tag"]["date"]):
            assert said in shown
        # The record to file has the whole id, once.
        assert shown.count(tagged) == (form == "markdown")
        main(["gate", tag, "--repo", str(tmp_path), "--format", form])
        assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("name", "date", "shown_date"),
    [
        ("@team #1 | <img src=x>", 1_800_000_000, None),
        ("@team #1 | \u202e[x](http://x) `", 1_800_000_000, "2027-01-15T08:00:00Z"),
        ("@team", 1 << 62, None),
        ("@team", 253_402_300_800, None),
    ],
)
def test_a_tag_that_harms_is_shown_as_text(
    name: str,
    date: int,
    shown_date: str | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its author chooses the name of the tagger, and any date."""
    repo = in_use(tmp_path)
    text = f"object {repo.git('rev-parse', 'main')}\ntype commit\ntag churn#prod#20\n"
    text += f"tagger {name} <a@b> {date} +0000\n\nx\n"
    made = ("hash-object", "-t", "tag", "-w", "--literally", "--stdin")
    oid = repo.git(*made, stdin=text.encode())
    repo.git("update-ref", "refs/tags/churn#prod#20", oid)
    _, report = gated(repo, "churn#prod#20")
    assert report["tag"]["date"] == shown_date
    main(["gate", "churn#prod#20", "--repo", str(tmp_path), "--format", "markdown"])
    row = next(line for line in capsys.readouterr().out.splitlines() if "| Tagged" in line)
    shown = to_html(f"| a | b |\n|--|--|\n{row}\n")
    assert re.findall(r"<(?!/?(?:table|thead|tbody|tr|td|th|code)>|!-- -->).*?>", shown) == []
    assert "@team" not in re.sub(r"<code>.*?</code>", "", shown)
    assert "\u202e" not in row


def test_a_name_with_what_python_calls_a_line_end_is_one_tag(tmp_path: Path) -> None:
    repo = in_use(tmp_path)
    repo.trained(0.99)
    repo.git("tag", "-a", "-m", "x", "x\u2028churn@v9.0.0")
    assert main(["gate", "churn@v9.0.0", "--repo", str(tmp_path)]) == 2


@pytest.mark.parametrize("subject", ["model.pkl", "./model.pkl", "churn"])
@pytest.mark.parametrize("stage", [(), ("--to", "prod")])
def test_a_model_by_its_path_is_compared_with_the_versions_of_its_artifact(
    tmp_path: Path, subject: str, stage: tuple[str, ...]
) -> None:
    repo = in_use(tmp_path)
    repo.trained(0.80)
    code, report = gated(repo, subject, *stage)
    assert (code, states(report)) == (1, {"regression": "broken"})
    assert [item["tag"] for item in report["in_use"]] == ["churn@v1.0.0"]


def test_the_order_of_stages_counts_for_a_model_by_its_path(tmp_path: Path) -> None:
    repo = in_use(tmp_path)
    repo.configure(ORDER)
    repo.git("checkout", "-q", "churn@v1.0.0")
    assert gated(repo, "model.pkl", "--to", "prod")[0] == 0


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        # The first entry that matches counts, so the second limits nothing.
        (
            '"metrics.json:*": {min: 0.5}, accuracy: {min: 0.97}',
            "an earlier entry of `metrics` is for all metrics that `accuracy` names",
        ),
        ("recall: {min: 0.97}", "no metric is named `recall`"),
        # All digits of a limit, or the value would seem to keep it.
        ("accuracy: {min: 0.95000004}", "is 0.95, below its limit of 0.95000004"),
        ("accuracy: {max: 0.94999996}", "is 0.95, above its limit of 0.94999996"),
    ],
)
def test_a_limit_that_fails_says_why(entries: str, says: str, tmp_path: Path) -> None:
    repo = in_use(tmp_path)
    repo.configure(f"metrics: {{{entries}}}\n")
    repo.trained(0.95)
    code, report = gated(repo, "churn")
    (limits,) = (item for item in report["conditions"] if item["name"] == "limits")
    assert code == 1
    assert says in limits["line"]


@pytest.mark.parametrize(
    "subject", ["sub:churn#prod", "sub=churn#prod", "sub:churn#prod#1", "sub=churn#prod#1"]
)
def test_a_model_in_a_folder_is_named_as_in_its_tag_or_with_a_colon(
    subject: str, tmp_path: Path
) -> None:
    repo = in_use(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("dvc.yaml", "dvc.lock", "metrics.json", "train.py", "data.csv.dvc"):
        repo.git("mv", name, f"sub/{name}")
    repo.commit("into a folder")
    for tag in ("sub=churn@v1.0.0", "sub=churn#prod#1"):
        repo.git("tag", "-a", "-m", "x", tag)
    code, report = gated(repo, subject)
    assert (code, report["tag"]["name"]) == (0, "sub=churn#prod#1")
