"""Judges a random pull request by lineage-diff and by DVC, and says where they differ."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from fuzz.pull_request.answers import Answer, Dvc
from fuzz.pull_request.cases import Case, build
from fuzz.pull_request.hidden import left_behind
from fuzz.pull_request.project import Project, copied, made
from fuzz.pull_request.purpose import on_purpose
from lineage_diff.cli.main import main as lineage_diff
from tests.support.dvc_repo import DvcShell

Report = dict[str, Any]
_FRESHNESS = (
    *("stale-model", "stale-stage", "freshness-lost", "edited-lock", "unlocked-stage"),
    *("spliced-lock", "same-result", "nondeterministic-stage", "orphaned-lock"),
)


class Verdict(msgspec.Struct, frozen=True):
    """How a case ended: whether Git could make and merge it, and what differs, if anything does."""

    outcome: str
    differences: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()


class Bench:
    """The base of each shape, made once, and the processes of DVC."""

    def __init__(self, folder: Path, shell: DvcShell) -> None:
        self._folder = folder
        self._shell, self.dvc = shell, Dvc()
        self._bases = dict[str, tuple[Project, Answer]]()

    def base(self, shape: str) -> tuple[Project, Answer]:
        """Return the base of a shape, and what DVC says of it."""
        if shape not in self._bases:
            project = made(shape, self._folder / shape, self._shell)
            said = self.dvc.ask(project.root)
            if said.refused is not None or any(said.changes(name) for name in said.stages):
                raise AssertionError(said)
            self._bases[shape] = project, said
        return self._bases[shape]

    @contextlib.contextmanager
    def copy(self, shape: str) -> Iterator[Project]:
        """Give a copy of a base, which is gone afterwards."""
        project = copied(self.base(shape)[0], self._folder / "case")
        try:
            yield project
        finally:
            project.gone()

    def close(self) -> None:
        """End the process that answers."""
        self.dvc.close()


def judge(case: Case, bench: Bench, *, rerun: bool = True) -> Verdict:
    """Make a case and judge it; `rerun` also runs DVC where nothing is red."""
    with bench.copy(case.shape) as project:
        if not build(case, project):
            return Verdict("not built")
        project.repo.git("checkout", "-q", "-f", "-B", "merged", "main")
        try:
            project.repo.git("merge", "-q", "--no-ff", "-m", "Merge", "head")
        except AssertionError:
            return Verdict("conflict")
        return _Judgement(case, project, bench).verdict(rerun)


class _Judgement:
    """The judgement of one merged case."""

    def __init__(self, case: Case, project: Project, bench: Bench) -> None:
        self.case, self.project, self.dvc = case, project, bench.dvc
        self._base = bench.base(case.shape)[1]
        self._main: Answer | None = None
        self.differences = list[str]()
        self.exempt = list[str]()

    def main(self) -> Answer:
        """Return what DVC says of the tip of the base branch."""
        if self._main is None:
            same = self.project.tree("main") == self.project.tree("start")
            self._main = self._base if same else self._asked("main")
        return self._main

    def _asked(self, revision: str) -> Answer:
        self.project.at(revision)
        self.project.own_settings()
        return self.dvc.ask(self.project.root)

    def verdict(self, rerun: bool) -> Verdict:
        """Compare what both say, before and after a run."""
        after = self._asked("merged")
        code, report = run_json(self.project, "compare", "main", "head")
        if self.case.harmless and code:
            self._differ("harmless", str(_errors(report)))
        if self.case.sparse:
            self.project.repo.git("sparse-checkout", "set", "--no-cone", "/README.md")
            if run_json(self.project, "compare", "main", "head") != (code, report):
                self._differ("other in a sparse checkout", "")
            self.project.repo.git("sparse-checkout", "disable")
        self._compare_status(after)
        if self._harmed(after, code, report):
            direct, shown = run_json(self.project, "compare", "--direct", "main", "merged")
            self._harmed(after, direct, shown, "direct: ")
        outcome = "red" if code else "green"
        if rerun or any(item["rule"] in _FRESHNESS for item in _errors(report)):
            outcome += self._rerun()
        return Verdict(outcome, tuple(self.differences), tuple(self.exempt))

    def _harmed(self, after: Answer, code: int, report: Report, how: str = "") -> bool:
        """Note each model that is red by DVC and green here; return whether any is red by DVC."""
        if after.refused is not None:
            main = self.main()
            if code == 0 and not all(self._red_before(model) for model in main.models()):
                self._differ(f"{how}green where DVC refuses", after.refused)
            return True
        known = {item["subject"] for item in _errors(report)}
        red = self._red(after, known)
        # A stage that makes several models red is told with one of them.
        makers = after.makers()
        told = {stage for path in red.keys() & known for stage in red[path]}
        told |= {stage for path in makers.keys() & known for stage in after.red(makers[path])}
        moved = {out.hash for path, out in after.models().items() if path in known}
        for model, why in red.items():
            old = self.main().models().get(model)
            if old is not None and old.hash in moved - {None}:
                continue
            if code == 0 or (code == 1 and model not in known and not told & why.keys()):
                self._differ(f"{how}green where DVC is red", f"{model}: {why}")
        return bool(red)

    def _compare_status(self, after: Answer) -> None:
        """Note each model whose state at the merged commit is not that of `dvc status`."""
        if after.refused is not None:
            return
        _, report = run_json(self.project, "status", "merged")
        makers = after.makers()
        for model in report.get("models", ()):
            path, state = model["path"], model["freshness"]
            why = after.red(makers[path]) if path in makers else {}
            if why and state == "fresh":
                self._differ("status: fresh where DVC is red", f"{path}: {why}")
            elif not why and state == "stale" and path in makers:
                self._differ("status: stale where DVC is clean", f"{path}: {model}")

    def _red(self, after: Answer, known: set[str]) -> dict[str, Any]:
        """Return the models that the merge makes red by DVC, each with what changed."""
        makers, found = after.makers(), dict[str, Any]()
        for model, out in after.models().items():
            why = after.red(makers[model]) if model in makers else {}
            if why and not self._red_before(model, out.hash):
                found[model] = why
        if not self.main().models().keys() <= known | found.keys():
            hidden = left_behind(self.project, self.dvc, self.main(), after)
            found |= {path: why for path, why in hidden.items() if not self._red_before(path)}
        return found

    def _red_before(self, model: str, known: str | None = None) -> bool:
        main = self.main()
        if model not in main.makers() and known is not None:
            # It moved.
            same = (path for path, out in main.models().items() if out.hash == known)
            model = next(same, model)
        name = main.makers().get(model)
        return main.refused is not None or (name is not None and bool(main.red(name)))

    def _rerun(self) -> str:
        """Run DVC on the merged state, commit, and note what is red still."""
        self.project.at("merged")
        self.project.pull()
        if not self.project.dvc("repro", "-q", "--all-pipelines"):
            return ", does not run"
        self.project.save("Run")
        after = self._asked("merged")
        if after.refused is not None:
            return ", refused after the run"
        left = self._left(after)
        if left:
            self.project.pull()
            forced = self.project.dvc("repro", "-q", "--all-pipelines", "--force")
            self.project.save("Run all")
            stays = {text[0] for text in self._left(self._asked("merged"))} if forced else set()
            for key, text in left:
                kind = "red after a forced run" if key in stays else "red after a run"
                self._differ(kind, text)
        return ", run"

    def _left(self, after: Answer) -> list[tuple[tuple[str, str], str]]:
        """Return what is red after a run though DVC knows it and calls it clean."""
        code, report = run_json(self.project, "compare", "main", "merged")
        makers, found = after.makers(), list[tuple[tuple[str, str], str]]()
        for item in _errors(report) if code else ():
            subject = item["subject"]
            name = makers.get(subject, subject)
            clean = name in after.stages and not after.red(name)
            if item["rule"] in _FRESHNESS and clean:
                key = item["rule"], subject
                found.append((key, f"{item['rule']} {subject}: {item['message']}"))
        return found

    def _differ(self, kind: str, text: str) -> None:
        why = on_purpose(self.case, kind, text)
        (self.differences if why is None else self.exempt).append(f"{kind}: {why or text}")


def run_json(project: Project, *arguments: str) -> tuple[int, Report]:
    """Run a command in this process; return its exit code and its report."""
    out, err = io.BytesIO(), io.StringIO()
    text = io.TextIOWrapper(out, encoding="utf-8", errors="surrogateescape")
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(err):
        try:
            code = lineage_diff([*arguments, "--format", "json", "--repo", str(project.root)])
        except SystemExit as stop:
            code = int(stop.code or 0)
    text.flush()
    said = out.getvalue()
    return code, json.loads(said) if said.strip() else {}


def _errors(report: Report) -> list[Report]:
    return [item for item in report.get("findings", ()) if item["severity"] == "error"]


def shrunk(case: Case, differs: Callable[[Case], bool]) -> Case:
    """Return the case with the fewest edits and the simplest history that still differs."""
    smaller = True
    while smaller:
        smaller = False
        for each in _smaller(case):
            if differs(each):
                case, smaller = each, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    if case.form != "plain":
        for form in ("plain", "commits", "moved"):
            if form != case.form and (form != "moved" or case.moves):
                moves = case.moves if form == "moved" else ()
                yield msgspec.structs.replace(case, form=form, moves=moves)
    for at in range(len(case.edits) if len(case.edits) > 1 else 0):
        yield msgspec.structs.replace(case, edits=case.edits[:at] + case.edits[at + 1 :])
    for at in range(len(case.moves) if len(case.moves) > 1 else 0):
        yield msgspec.structs.replace(case, moves=case.moves[:at] + case.moves[at + 1 :])
