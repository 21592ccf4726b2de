"""Fetch the experiments that began at a commit of a pull request, if the configuration asks."""

from collections.abc import Sequence
from pathlib import Path

from lineage_diff import limits
from lineage_diff.app.opened import policy_files
from lineage_diff.config.loader import read_policy
from lineage_diff.dvc.experiments import FoundExperiments, read_experiments, refs_below
from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.github_action.runner.git_fetch import Source, fetch_refs, make_store

SHALLOW = "the checkout is shallow: set `fetch-depth: 0` to compare experiments"


def fetch_experiments(
    folder: Path, ids: Sequence[str], tip: str, config: str | None, source: Source, store: Path
) -> FoundExperiments | None:
    """Fetch the experiments of the commits between base and head, `ids`, into `store`.

    `folder` has both commits, and those that its own refs name count, too. `None` if the
    configuration at the `tip` asks for none. A failure is the `unknown` of the result.
    """
    repository = open_repository(folder)
    try:
        if read_policy(policy_files(repository, tip, config), config).experiments == "none":
            return None
        base, head = repository.merge_base(*ids), ids[-1]
        commits = repository.commits_between(base, head)[: limits.EXPERIMENT_BASES]
    except InputError:
        # The comparison reports it.
        return None
    here = read_experiments(repository)
    if repository.is_shallow or repository.is_partial:
        return FoundExperiments(here, unknown=SHALLOW)
    try:
        fetched = _fetch(repository, commits, head, source, store)
    except InputError as error:
        return FoundExperiments(here, unknown=error.message)
    return FoundExperiments(tuple(sorted({*here, *fetched.experiments})), fetched.folder)


def _fetch(
    repository: GitRepository, commits: Sequence[str], head: str, source: Source, store: Path
) -> FoundExperiments:
    store.mkdir()
    make_store(store, source, repository.objects_folder, head)
    refs = [refs_below(commit) for commit in commits]
    if refs:
        own = {ref: ref for ref in refs}
        what = "the refs of experiments"
        fetch_refs(store, source, own, what, limits.EXPERIMENT_SECONDS)
    return FoundExperiments(read_experiments(open_repository(store)), store)
