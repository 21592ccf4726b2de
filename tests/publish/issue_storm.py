"""Several runs of one branch at once behind a proxy that breaks what it passes on."""

from dataclasses import dataclass
from random import Random

from lineage_diff.forge.github.client import connect
from lineage_diff.forge.publication import Published
from tests.publish.branch import Branch, State
from tests.support.github.proxy import FaultProxy
from tests.support.github.storm import RunsAtOnce, Weather

_STATES: tuple[State, ...] = ("stale", "stale", "fresh", "unknown")


@dataclass
class IssueWeather(Weather):
    """The counts of some storms; `doubles` are those that left two issues for the next run."""

    doubles: int = 0


class IssueStorm:
    """One branch, whose runs and pushes, and all that breaks, follow from a seed."""

    def __init__(self, branch: Branch, seed: int) -> None:
        self._chance = Random(seed)
        self._branch = branch
        self._at_once = RunsAtOnce(branch.server, self._chance)
        self._newest = 0
        self._done: list[Published] = []

    def run(self, weather: IssueWeather) -> None:
        """Let it blow over, and hold what is left to what must be left."""
        branch = self._branch
        there: tuple[State, ...] = ("stale",) if self._chance.random() < 0.5 else ()
        branch.start_again(*there)
        before = len(branch.server.log)
        with self._at_once.proxy() as proxy:
            proxy.choose_faults()
            last, state = self._blow(proxy)
        weather.doubles += len(branch.ours()) > 1
        self._at_once.pass_time(3600)
        branch.publish(last, state, run=90)
        self._assert_clear(last, state)
        weather.storms += 1
        weather.runs += len(self._done) + 1
        weather.requests += len(branch.server.log) - before
        weather.faults.update(kind for kind, _ in proxy.happened)

    def _blow(self, proxy: FaultProxy) -> tuple[int, State]:
        """Run up to three runs at once; return the newest commit, and its state."""
        states = [self._chance.choice(_STATES) for _ in self._branch.commits]
        commits = self._at_once.heads()
        tokens = [self._branch.server.token(contents="read", issues="write") for _ in commits]

        def run(number: int) -> None:
            commit = commits[number]
            self._newest = max(self._newest, commit)
            self._branch.push(self._newest)
            github = connect(tokens[number], proxy.api_url)
            done = self._branch.publish(commit, states[commit], 20 + number, github=github)
            self._done.append(done)

        self._at_once.start(tokens, run)
        return commits[-1], states[commits[-1]]

    def _assert_clear(self, last: int, state: State) -> None:
        ours = self._branch.ours()
        if state == "unknown":
            assert len(ours) <= 1, "two issues"
        else:
            assert len(ours) == (state == "stale"), (state, ours)
        for one in ours:
            assert f" head={self._branch.commits[last]} run=" in one.body, "not of the newest"
            assert one.body.endswith(f"About {last}: {state}\n")
        assert not self._branch.server.violations, self._branch.server.violations
