"""The registry of Git tags, with the real GTO as the judge."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from gto.constants import VersionSort, tag_re
from gto.registry import GitRegistry
from gto.tag import parse_name
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lineage_diff.dvc import registry_in_use
from lineage_diff.dvc.model_registry import read_model_registry, read_registry_tags
from lineage_diff.dvc.registry_in_use import InUseReader
from lineage_diff.git.repository import open_repository
from lineage_diff.lineage.registry import parse_tag
from tests.support.git_repo import GitRepo

NAMES = (
    "churn@v1.2.0",
    "churn@v1.2.0!",
    "churn@v1.2.0#3",
    "churn@v1.2.0!#3",
    "churn#prod",
    "churn#prod#1",
    "churn#prod!",
    "churn#prod!#2",
    "churn@deprecated",
    "churn@deprecated#4",
    "churn@created#5",
    "models/a/churn@v1.0.0",
    "models=churn@v1.0.0",
    "models/eu.west=churn#prod/eu#12",
    "churn@v1.2.0-rc.1+build.7",
    "churn@v01.2.0",
    "churn@1.2.0",
    "churn@v1.2",
    "churn@",
    "churn#",
    "-churn@v1.0.0",
    "churn_@v1.0.0",
    "churn#prod#",
    "v1.0.0",
    "release-1",
    "churn@v1.0.0#x",
)


def gto_says(name: str) -> tuple[object, ...] | None:
    parsed = parse_name(name, raise_on_fail=False)
    if not parsed:
        return None
    action = parsed.get("action")
    kind = action.value if action is not None else "create"
    return parsed["name"], parsed.get("version"), parsed.get("stage"), kind


def we_say(name: str) -> tuple[object, ...] | None:
    tag = parse_tag(name)
    if tag is None:
        return None
    kind = "deprecate" if tag.deprecated else "create"
    if tag.version:
        kind = "deregister" if tag.cancel else "register"
    elif tag.stage:
        kind = "unassign" if tag.cancel else "assign"
    return tag.artifact, tag.version, tag.stage, kind


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_gto_reads_it(name: str) -> None:
    assert we_say(name) == gto_says(name)


@pytest.mark.parametrize(
    "asked", [[], ["churn"], ["models:churn"], ["models/eu.west:churn", "models/a/churn"], ["c*"]]
)
def test_only_the_tags_of_some_artifacts_are_read(git_repo: GitRepo, asked: list[str]) -> None:
    git_repo.write("a", "")
    git_repo.commit()
    for name in NAMES:
        if not name.startswith("-"):
            git_repo.git("tag", "--annotate", "--message", "x", name)
    repository = open_repository(git_repo.path)
    everything = read_registry_tags(repository)
    assert len({tag.artifact for tag in everything}) == 4
    wanted = tuple(tag for tag in everything if tag.artifact in asked)
    assert read_registry_tags(repository, asked) == wanted


def test_the_names_are_both_of_the_registry_and_not() -> None:
    assert {we_say(name) is None for name in NAMES} == {True, False}


@given(st.from_regex(re.compile(tag_re.pattern, re.ASCII), fullmatch=True).filter(str.isprintable))
def test_any_name_of_the_registry_is_read_as_gto_reads_it(name: str) -> None:
    assert we_say(name) == gto_says(name)


@given(st.text("churn-_/.=@#!v12", max_size=16))
def test_any_name_of_these_characters_is_read_as_gto_reads_it(name: str) -> None:
    assert we_say(name) == gto_says(name)


SCENES: dict[str, list[tuple[str, int]]] = {
    "versions": [("churn@v1.0.0", 0), ("churn@v1.2.0", 1), ("other@v0.0.1", 1)],
    "taken back": [("churn@v1.0.0", 0), ("churn@v1.1.0", 1), ("churn@v1.0.0!", 0)],
    "given again": [("churn@v1.0.0", 0), ("churn@v1.0.0!#1", 0), ("churn@v1.0.0#2", 0)],
    "stages": [("churn@v1.0.0", 0), ("churn#prod#1", 0), ("churn#dev#2", 0)],
    "promoted": [
        ("churn@v1.0.0", 0),
        ("churn@v2.0.0", 1),
        ("churn#prod#1", 0),
        ("churn#prod#2", 1),
    ],
    "rolled back": [
        ("churn@v1.0.0", 0),
        ("churn@v2.0.0", 1),
        ("churn#prod#1", 0),
        ("churn#prod#2", 1),
        ("churn#prod#3", 0),
    ],
    "unassigned": [
        ("churn@v1.0.0", 0),
        ("churn@v2.0.0", 1),
        ("churn#prod#1", 0),
        ("churn#prod#2", 1),
        ("churn#prod!#3", 1),
    ],
    "simple": [("churn@v1.0.0", 0), ("churn#prod", 0), ("churn#prod!", 0)],
    "taken back in prod": [
        ("churn@v1.0.0", 0),
        ("churn@v2.0.0", 1),
        ("churn#prod#1", 0),
        ("churn#prod#2", 1),
        ("churn@v2.0.0!", 1),
    ],
    "deprecated": [("churn@v1.0.0", 0), ("churn#prod#1", 0), ("churn@deprecated#2", 0)],
    "in folders": [("models/eu=churn@v1.0.0", 0), ("models/eu=churn#prod/eu#1", 0)],
    "no tags of it": [("v1.0.0", 0), ("release", 1)],
}


# Which of two versions that got a stage in the same second has it, GTO does not say.
QUICK = sorted(SCENES.keys() - {"promoted", "rolled back", "unassigned", "taken back in prod"})


@pytest.mark.parametrize(
    ("scene", "apart"), [*((scene, 1) for scene in SCENES), *((scene, 0) for scene in QUICK)]
)
def test_versions_and_stages_are_those_that_gto_shows(
    scene: str, apart: int, tmp_path: Path
) -> None:
    repo = GitRepo(tmp_path)
    commits = []
    for number in (1, 2):
        repo.write("file", str(number))
        commits.append(repo.commit())
    for number, (name, index) in enumerate(SCENES[scene]):
        annotate(repo, name, commits[index], 1_700_000_000 + number * apart)
    repo.git("tag", "light@v9.0.0", commits[0])
    ours = read_model_registry(open_repository(tmp_path))
    active = {(one.artifact, one.version): (one.commit, one.stages) for one in ours if one.active}
    assert active == gto_registry(tmp_path)
    registered = {name for name, _ in SCENES[scene] if re.search(r"@v[^!]*$", name)}
    assert {one.tag.partition("#")[0] for one in ours} == {
        name.partition("#")[0] for name in registered
    }


def annotate(repo: GitRepo, name: str, commit: str, time: int) -> None:
    text = f"object {commit}\ntype commit\ntag {name}\ntagger A <a@example.com> {time} +0000\n\nx\n"
    tag = repo.git("mktag", stdin=text.encode())
    repo.git("update-ref", f"refs/tags/{name}", tag)


def gto_registry(path: Path) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """Return commit and stages by artifact and version, of the artifacts that `gto show` shows."""
    found: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
    with GitRegistry.from_url(str(path)) as registry:
        for artifact in registry.get_artifacts().values():
            if not artifact.is_active:
                continue
            stages: dict[str, list[str]] = {}
            for stage, holders in artifact.get_vstages(sort=VersionSort.Timestamp).items():
                for holder in holders:
                    stages.setdefault(holder.version, []).append(stage)
            for version in artifact.get_versions():
                in_stages = tuple(sorted(stages.get(version.version, ())))
                found[artifact.artifact, version.version] = version.commit_hexsha, in_stages
    return found


_TAGS = [
    *(f"churn@v{n}.0.0{end}" for n in (1, 2, 3) for end in ("", "!", "#7", "!#8")),
    *(f"churn#{stage}{end}" for stage in ("prod", "dev") for end in ("", "!", "#1", "!#2", "#3")),
    *("churn#prod-eu#1", "churn#prod$#1", "churn@v1.0.0-rc.1", "churn@v1.0.0$", "churn-2#prod#9"),
    *("churn#prod#x", "churn#-", "churn@x", "churn@created", "churn@deprecated", "other@v1.0.0"),
    *("other#prod#1", "light:light@v1.0.0", "release"),
    *("light:churn#prod#4", "light:churn@v3.0.0#1"),
]


@example(
    tags=[("churn@v1.0.0", 0, 0), ("churn#prod#3", 0, 1), ("light:churn#prod#4", 1, 0)], packed=True
)
@example(
    tags=[("churn@v1.0.0", 0, 0), ("light:churn#prod#1", 1, 0), ("churn#prod#3", 0, 1)], packed=True
)
@example(tags=[("other@v1.0.0", 0, 0), ("other#prod#1", 0, 0)], packed=False)
@given(
    st.lists(
        st.tuples(st.sampled_from(_TAGS), st.integers(0, 2), st.integers(0, 3)),
        max_size=12,
        unique_by=lambda tag: tag[0],
    ),
    st.booleans(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_versions_in_use_are_those_of_all_tags(
    tags: list[tuple[str, int, int]], packed: bool
) -> None:
    with TemporaryDirectory() as folder:
        repo = GitRepo(folder)
        commits = [repo.commit(str(number)) for number in range(3)]
        for name, commit, time in tags:
            if name.startswith("light:"):
                repo.git("tag", name.removeprefix("light:"), commits[commit])
            else:
                annotate(repo, name, commits[commit], 1_700_000_000 + time)
        if packed:
            repo.git("pack-refs", "--all")
        repository = open_repository(folder)
        many = [*map("x{}".format, range(101)), "churn"]
        for asked in (["churn"], ["churn", "other"], ["none"], many):
            every = read_model_registry(repository, asked)
            in_use = tuple(version for version in every if version.stages)
            assert InUseReader(repository, asked).versions() == in_use
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(registry_in_use, "_FEW", 0)
                assert InUseReader(repository, asked).versions() == in_use
                patch.setattr(registry_in_use, "_MOST_COMMITS", 1)
                assert InUseReader(repository, asked).versions() == in_use


@pytest.mark.parametrize(
    "tagger",
    ["", "tagger A <a@b> x +0000\n", "tagger A <a@b>\n", "tagger A 1700000009 +0000\n"],
)
def test_a_tag_of_another_form_is_left_to_git(
    git_repo: GitRepo, tagger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git_repo.commit("a")
    annotate(git_repo, "churn@v1.0.0", commit, 1_700_000_000)
    text = f"object {commit}\ntype commit\ntag churn#prod\n{tagger}\n tagger A <a@b> 1 +0000\n"
    oid = git_repo.git(
        "hash-object", "-t", "tag", "-w", "--stdin", "--literally", stdin=text.encode()
    )
    git_repo.git("update-ref", "refs/tags/churn#prod", oid)
    git_repo.git("tag", "-a", "-m", "x", "churn#dev", "churn#prod")
    repository = open_repository(git_repo.path)
    (version,) = read_model_registry(repository, ["churn"])
    for few in (100, 0):
        monkeypatch.setattr(registry_in_use, "_FEW", few)
        assert InUseReader(repository, ["churn"]).versions() == (version,)
    assert "prod" in version.stages
