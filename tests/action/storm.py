"""Several runs of one pull request at once behind a proxy that breaks what it passes on.

Each run is the Action's own program. What a head is worth is compared once and kept: it depends on
the commits alone.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from lineage_diff.github_action import compare_commits as judge_commits
from lineage_diff.github_action.images import render_images
from tests.action.payloads import HOME
from tests.action.runner import Runner, given
from tests.action.scene import Scene
from tests.support.github import GitHubServer, pull_request_event
from tests.support.github.proxy import FaultProxy
from tests.support.github.records import Comment
from tests.support.github.state import ACTIONS_BOT
from tests.support.github.storm import RunsAtOnce, Weather

NUMBER = 7
_OURS_TO_BLAME = re.compile(r"Traceback|internal error|\b(?:Key|Type|Attribute|Value|Index)Error\b")
_MARKER = re.compile(r"<!-- lineage-diff id=lineage-diff head=([0-9a-f]{40}) run=")
_FORGED = "<!-- lineage-diff id=lineage-diff head={} run=999999999999999999.1 -->\nAll is well"


@dataclass(frozen=True)
class Heads:
    """A repository whose heads are stale, retrained and stale again; what each is worth."""

    scene: Scene
    commits: tuple[str, ...]
    codes: tuple[int, ...]


def make_heads(folder: Path, github: GitHubServer) -> Heads:
    """Make a repository with three heads, and a checkout that has them all."""
    scene = Scene(folder, github)
    scene.origin.checkout("more-data")
    second = scene.retrained()
    scene.origin.write("train.py", "print(3)\n")
    third = scene.origin.commit("edit once more")
    scene.origin.checkout("main")
    scene.checkout.git("fetch", "-q", "origin")
    return Heads(scene, (scene.head, second, third), (1, 0, 1))


@contextmanager
def kept_judgements() -> Iterator[None]:
    """Compare, and draw, each head once only."""
    kept: dict[object, Any] = {}
    judged = judge_commits._evaluate_and_audit

    def judge(activity: Any, step: Any) -> Any:
        name = activity.head.rev
        return kept.setdefault(name, kept[name] if name in kept else judged(activity, step))

    def draw(report: Any, graph: Any) -> Any:
        name = (report.head.commit, graph)
        return kept.setdefault(name, kept[name] if name in kept else render_images(report, graph))

    with (
        mock.patch.object(judge_commits, "_evaluate_and_audit", judge),
        mock.patch.object(judge_commits, "render_images", draw),
    ):
        yield


class Storm:
    """One pull request, whose runs and pushes, and all that breaks, follow from a seed."""

    def __init__(self, heads: Heads, github: GitHubServer, folder: Path, seed: int) -> None:
        self._chance = Random(seed)
        self._heads = heads
        self._github = github
        self._folder = folder
        self._at_once = RunsAtOnce(github, self._chance)
        self._logs: list[str] = []
        self._codes: list[tuple[int, int]] = []
        self._graph = self._chance.choice(("auto", "auto", "mermaid", "none"))
        self._tokens: list[str] = []
        self._newest = 0
        github.state.add_repository(HOME, git=heads.scene.origin.path)
        self._pull = github.state.add_pull(
            HOME,
            head_sha=heads.commits[0],
            head_branch="more-data",
            base_sha=heads.scene.base,
            number=NUMBER,
        )

    def run(self, weather: Weather) -> None:
        """Let it blow over, and hold what is left to what must be left."""
        with self._at_once.proxy() as proxy:
            self._look_first(proxy)
            before = len(self._ours())
            proxy.choose_faults()
            last = self._blow(proxy)
            assert len(self._ours()) >= min(before, 1), "the old comment is gone"
            proxy.rate = 0.0
            self._at_once.pass_time(3600)
            self._look(proxy, 90, last)
            weather.storms += 1
            weather.runs += len(self._codes)
            weather.requests += len(self._github.log)
            weather.faults.update(kind for kind, _ in proxy.happened)
        self._assert_clear(last)

    def _look_first(self, proxy: FaultProxy) -> None:
        """Have a comment already, and another's that looks like it; or not."""
        if self._chance.random() < 0.4:
            text = _FORGED.format(self._heads.commits[0])
            self._github.state.add_comment(self._pull, text, user=HOME.partition("/")[0])
        if self._chance.random() < 0.5:
            self._look(proxy, 10, 0)

    def _blow(self, proxy: FaultProxy) -> int:
        """Run up to three runs at once; return which head is the newest."""
        heads = self._at_once.heads()
        tokens = [self._token() for _ in heads]

        def run(number: int) -> None:
            # The runs of older heads go on, and one may begin only now that waited for a runner.
            self._newest = max(self._newest, heads[number])
            self._github.state.push(self._pull, self._heads.commits[self._newest])
            self._look(proxy, 20 + number, heads[number], tokens[number])

        self._at_once.start(tokens, run)
        return heads[-1]

    def _look(self, proxy: FaultProxy, run: int, head: int, token: str | None = None) -> None:
        """Run the program once."""
        token = token or self._token()
        folder = self._folder / str(run)
        folder.mkdir()
        pull = replace(self._pull, head_sha=self._heads.commits[head])
        payload = pull_request_event(self._github, pull)
        (folder / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        runner = Runner(self._heads.scene.checkout.path, self._folder, self._github, token, run)
        inputs = {"comment": "always", "graph": self._graph, "output_dir": f"report-{run}"}
        variables = {"GITHUB_API_URL": proxy.api_url} | given(token, inputs)
        code, log = runner.start("pull_request", folder, variables)
        self._logs.append(log)
        self._codes.append((head, code))

    def _token(self) -> str:
        token = self._github.token(contents="write", pull_requests="write", checks="write")
        self._tokens.append(token)
        return token

    def _ours(self) -> list[Comment]:
        found = self._github.state.comments_of(HOME, NUMBER)
        return [one for one in found if one.user.login == ACTIONS_BOT]

    def _assert_clear(self, last: int) -> None:
        newest = self._heads.commits[last]
        (comment,) = self._ours()
        marker = _MARKER.match(comment.body)
        assert marker, comment.body
        assert marker[1] == newest, "not of the newest head"
        assert not self._github.state.reactions, "a lock is left"
        store = self._github.state.repositories[HOME].store
        names = [name for name, *_ in store.refs("refs/lineage-diff/")]
        own = f"refs/lineage-diff/pr-{NUMBER}/lineage-diff/{newest[:12]}"
        assert set(names) <= {own}, names
        assert all(code == self._heads.codes[head] for head, code in self._codes), self._codes
        for log in self._logs:
            assert not _OURS_TO_BLAME.search(log), log
        self._assert_no_token()

    def _assert_no_token(self) -> None:
        places = [self._folder, *self._heads.scene.checkout.path.glob("report-*")]
        files = [one for place in places for one in place.rglob("*") if one.is_file()]
        texts = [*self._logs, *_arguments, *(c.body for c in self._ours())]
        for token in self._tokens:
            assert not any(token in text for text in texts)
            assert not any(token.encode() in file.read_bytes() for file in files)


_arguments: list[str] = []


def _heed(event: str, values: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        _arguments.append(repr(values[:2]))


def blow(heads: Heads, folder: Path, seed: int, weather: Weather) -> None:
    """Run one storm; what is left of it in the repository is removed."""
    folder.mkdir()
    _arguments.clear()
    try:
        with GitHubServer() as github:
            Storm(heads, github, folder, seed).run(weather)
            assert not github.violations, github.violations
    finally:
        origin = heads.scene.origin
        for name in origin.git("for-each-ref", "--format=%(refname)", "refs/lineage-diff").split():
            origin.git("update-ref", "-d", name)


sys.addaudithook(_heed)
