"""Search an MLflow server with few requests for many commits.

MLflow's filters have no `OR` (`mlflow.utils.search_utils`), and search only the listed
experiments. So a few commits are searched one by one. For more commits, all runs with any commit
are read page by page and filtered here, up to the cost of single searches: on a server with many
runs and few of ours, single searches follow after all.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from lineage_diff import limits
from lineage_diff.lineage.mlflow import MlflowAnswer, MlflowModelVersion, MlflowRun
from lineage_diff.mlflow import errors as reason
from lineage_diff.mlflow import messages as wire
from lineage_diff.mlflow.client import MlflowClient
from lineage_diff.mlflow.errors import MlflowUnavailableError, MlflowUnknownError
from lineage_diff.mlflow.references import SCHEME, ModelReference, model_reference

# Git's default length of an abbreviated id; fewer digits may match another commit by chance.
_SHORT = 7
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# The keys that MLflow accepts (`validate_param_and_metric_name`): none can end the quotes.
_NAME = re.compile(r"[/\w.\- :]+")
_EXPERIMENTS = 1000
_RUN_IDS = 50
_ALIASED = 50
_NAMES = 1000


class _MorePagesError(MlflowUnavailableError):
    """There are more runs than the limit of pages."""


class MlflowSearch:
    """Collects results, so that they are kept when the server fails halfway.

    The methods raise `MlflowUnavailableError`.
    """

    def __init__(self, client: MlflowClient, base: str, names: Sequence[str]) -> None:
        self._client = client
        self._base = base
        self._names = tuple(name for name in names if _NAME.fullmatch(name))
        self._experiments: dict[str, str] | None = None
        self._runs: dict[str, wire.RunRecord] = {}
        self._of_commit: dict[str, set[str]] = {}
        self._versions: dict[str, wire.ModelVersion] = {}
        self._registered: dict[str, list[wire.ModelVersion]] = {}
        self._aliases: dict[str, list[wire.Alias]] = {}
        self._known_names: tuple[str, ...] = ()
        self._known_references: tuple[str, ...] = ()

    def find_versions(self, references: Iterable[str]) -> None:
        """Look up each reference and its run; list what there is instead of an unknown one."""
        missing: set[str] = set()
        for text in sorted(set(references)):
            reference = model_reference(text)
            version = self._version(reference) if reference else None
            if version is None:
                missing.add(reference.name if reference else "")
                continue
            self._versions[text] = version
            if version.run_id and version.run_id not in self._runs:
                self._find_run(version.run_id)
        if missing:
            page = self._client.get(
                "registered-models/search", {"max_results": str(_NAMES)}, wire.RegisteredPage
            )
            models = page.registered_models
            self._known_names = tuple(sorted(model.name for model in models))
            meant = (model for model in models if model.name in missing)
            self._known_references = tuple(sorted(set(chain.from_iterable(map(_known, meant)))))

    def find_runs(self, commits: Iterable[str]) -> None:
        """Look up the runs of the commits."""
        asked = [commit for commit in commits if _COMMIT.fullmatch(commit)]
        wanted = sorted(set(asked))
        pages = min(len(wanted) // limits.MLFLOW_WORTH, limits.MLFLOW_PAGES)
        for name in self._names if wanted else ():
            # MLflow's own names are tags only.
            for kind in ("tags",) if name.startswith("mlflow.") else ("tags", "params"):
                key = f"{kind}.`{name}`"
                if not pages or not self._read_all(key, wanted, pages):
                    for pattern in dict.fromkeys(f"{commit[:_SHORT]}%" for commit in asked):
                        self._find(f"{key} ILIKE '{pattern}'", wanted, limits.MLFLOW_PAGES)

    def find_registered(self) -> None:
        """Look up the registered model versions of the found runs."""
        ids = sorted(self._runs)
        for start in range(0, len(ids), _RUN_IDS):
            quoted = ", ".join(f"'{run_id}'" for run_id in ids[start : start + _RUN_IDS])
            query = {"filter": f"run_id IN ({quoted})", "max_results": str(_NAMES)}
            token = ""
            for _ in range(limits.MLFLOW_PAGES):
                more = {"page_token": token} if token else {}
                page = self._client.get("model-versions/search", query | more, wire.VersionsPage)
                for version in page.model_versions:
                    self._registered.setdefault(version.run_id, []).append(version)
                token = page.next_page_token
                if not token:
                    break
        names = {version.name for found in self._registered.values() for version in found}
        for name in sorted(names)[:_ALIASED]:
            answer = self._client.get(
                "registered-models/get", {"name": name}, wire.RegisteredAnswer
            )
            self._aliases[name] = answer.registered_model.aliases

    def answer(self, unavailable: str | None) -> MlflowAnswer:
        """Return all results; `unavailable` is the reason for missing ones."""
        runs = {run_id: self._as_run(run) for run_id, run in self._runs.items()}
        return MlflowAnswer(
            runs={
                commit: tuple(
                    sorted(
                        (runs[run_id] for run_id in self._of_commit[commit]),
                        key=lambda run: (run.started or 0, run.run_id),
                    )
                )
                for commit in sorted(self._of_commit)
            },
            versions={text: wire.as_version(item) for text, item in self._versions.items()},
            origins={
                text: runs[item.run_id]
                for text, item in self._versions.items()
                if item.run_id in runs
            },
            names=self._known_names,
            references=self._known_references,
            unavailable=unavailable,
        )

    def _as_run(self, run: wire.RunRecord) -> MlflowRun:
        found = self._registered.get(run.info.run_id, [])
        versions = [wire.as_version(item, self._aliases.get(item.name, ())) for item in found]
        return wire.as_run(
            run,
            commit=wire.commit_of(run, self._names),
            experiment=(self._experiments or {}).get(run.info.experiment_id),
            versions=sorted(
                versions, key=lambda item: (item.name, len(item.version), item.version)
            ),
            base=self._base,
        )

    def _read_all(self, key: str, wanted: list[str], pages: int) -> bool:
        """Read all runs with the key; return whether they fit into that many pages."""
        try:
            self._find(f"{key} ILIKE '%'", wanted, pages)
        except _MorePagesError:
            return False
        return True

    def _find(self, filter_string: str, wanted: list[str], pages: int) -> None:
        for run in self._search(filter_string, pages):
            named = wire.commit_of(run, self._names)
            commit = _find_wanted(named, wanted) if named else None
            if commit is not None:
                self._runs[run.info.run_id] = run
                self._of_commit.setdefault(commit, set()).add(run.info.run_id)

    def _find_run(self, run_id: str) -> None:
        try:
            run = self._client.get("runs/get", {"run_id": run_id}, wire.RunAnswer).run
        except MlflowUnknownError:
            # The run was permanently deleted, but its version still exists.
            return
        self._runs[run_id] = run
        self._all_experiments()

    def _version(self, reference: ModelReference) -> wire.ModelVersion | None:
        name = reference.name
        try:
            if reference.is_logged:
                return self._logged(name)
            if reference.version is not None:
                query = {"name": name, "version": reference.version}
                answer = self._client.get("model-versions/get", query, wire.VersionAnswer)
                return answer.model_version
            if reference.alias is not None:
                query = {"name": name, "alias": reference.alias}
                answer = self._client.get("registered-models/alias", query, wire.VersionAnswer)
                return answer.model_version
            stages = {"stages": [reference.stage]} if reference.stage else {}
            page = self._client.post(
                "registered-models/get-latest-versions", {"name": name, **stages}, wire.VersionsPage
            )
        except MlflowUnknownError:
            return None
        return max(page.model_versions, key=_age, default=None)

    def _logged(self, model_id: str) -> wire.ModelVersion:
        """Return a logged model of MLflow 3 as a version that is its own id."""
        answer = self._client.get(f"logged-models/{model_id}", {}, wire.LoggedModelAnswer)
        info = answer.model.info
        return wire.ModelVersion(
            info.name, info.model_id, source=info.artifact_uri, run_id=info.source_run_id
        )

    def _all_experiments(self) -> dict[str, str]:
        if self._experiments is None:
            found: dict[str, str] = {}
            token = ""
            for _ in range(limits.MLFLOW_PAGES):
                page = self._client.post(
                    "experiments/search",
                    {"max_results": _EXPERIMENTS, "page_token": token},
                    wire.ExperimentsPage,
                )
                found |= {item.experiment_id: item.name for item in page.experiments}
                token = page.next_page_token
                if not token:
                    break
            self._experiments = found
        return self._experiments

    def _search(self, filter_string: str, pages: int) -> Iterator[wire.RunRecord]:
        ids = list(self._all_experiments())
        for start in range(0, len(ids), _EXPERIMENTS):
            request: dict[str, object] = {
                "experiment_ids": ids[start : start + _EXPERIMENTS],
                "filter": filter_string,
                "max_results": limits.MLFLOW_PAGE,
                "order_by": ["attributes.start_time DESC"],
            }
            more = True
            while more:
                if not pages:
                    raise _MorePagesError(reason.TOO_MANY)
                page = self._client.post("runs/search", request, wire.RunsPage)
                yield from page.runs
                pages -= 1
                more = bool(page.next_page_token)
                request["page_token"] = page.next_page_token


def _known(model: wire.RegisteredModel) -> Iterator[str]:
    """Yield the references by an alias or a stage of a model, and those to its latest versions."""
    for alias in model.aliases:
        yield f"{SCHEME}{model.name}@{alias.alias}"
    for version in model.latest_versions:
        yield f"{SCHEME}{model.name}/{version.version}"
        if version.current_stage not in ("", "None"):
            yield f"{SCHEME}{model.name}/{version.current_stage}"


def _age(version: wire.ModelVersion | MlflowModelVersion) -> tuple[int, str]:
    """Return a sort key that orders versions as numbers."""
    text = str(version.version)
    return len(text), text


def _find_wanted(named: str, wanted: list[str]) -> str | None:
    """Return the commit in the sorted `wanted` with a run's full or abbreviated id."""
    place = bisect_left(wanted, named)
    near = [commit for commit in wanted[place : place + 2] if commit.startswith(named)]
    return near[0] if len(named) >= _SHORT and len(near) == 1 else None
