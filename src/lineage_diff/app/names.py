"""Names that stand for commits: versions in the registry of Git tags or in MLflow, and ranges."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.mlflow import OURS
from lineage_diff.lineage.registry import RegistryVersion, parse_tag
from lineage_diff.text import closest_matches, join_some

_SOME_NAMES = 5
# Before the version, alias or stage in `models:/churn/3` and `models:/churn@champion`.
_REFERENCE_END = re.compile("[@/]")
_WITHDRAWN = "All its versions are withdrawn: deregistered, or it is deprecated."


def resolve_commit(repository: GitRepository, rev: str) -> str:
    """Return the full id of the commit that a revision or a version of a model stands for.

    `churn@v1.2.0`, `churn@latest` and `churn#prod` are resolved by the registry in Git tags. Raises
    `InputError` for an unknown name, with the closest matches of its kind.
    """
    holder = _stage_holder(repository, rev)
    if holder is not None:
        return holder.commit
    try:
        return repository.resolve(rev)
    except InputError:
        version = _registered(repository, rev)
        if version is None:
            raise
        return version.commit


def _stage_holder(repository: GitRepository, rev: str) -> RegistryVersion | None:
    """Return the version in the stage that `rev` names, even if a tag has this name, too.

    `gto assign --simple` makes the tag `churn#prod`, and a later tag can give the stage to another
    version, or withdraw it.
    """
    parsed = parse_tag(rev.replace(":", "=")) if rev.count("#") == 1 else None
    if parsed is None or parsed.stage is None or parsed.cancel:
        return None
    # Imported here: most revisions are known to Git.
    from lineage_diff.dvc.model_registry import read_model_registry

    try:
        return registry_version(rev, read_model_registry(repository, {parsed.artifact}))
    except InputError:
        if repository.tag_kind(rev) == "tag":
            raise
        # It may be a branch, or a tag that the registry ignores.
        return None


def _registered(repository: GitRepository, rev: str) -> RegistryVersion | None:
    if ("@" not in rev and "#" not in rev) or range_ends(rev) is not None:
        return None
    # Imported here: most revisions are known to Git.
    from lineage_diff.dvc.model_registry import read_model_registry

    registry = read_model_registry(repository)
    version = named_version(repository, rev, registry)
    if version is None:
        meant = list(_similar_names(rev, registry))
        if meant:
            raise InputError(f"unknown revision {rev}", hint=f"Did you mean {' or '.join(meant)}?")
    return version


def _similar_names(rev: str, registry: Sequence[RegistryVersion]) -> Iterator[str]:
    """Yield names of versions like an unknown one, with another artifact."""
    for mark in "@#":
        name, _, wanted = rev.rpartition(mark)
        for other in closest_matches(name, {version.artifact for version in registry}, 3):
            with suppress(InputError):
                registry_version(f"{other}{mark}{wanted}", registry)
                yield f"{other}{mark}{wanted}"


def mlflow_commit(
    text: str, names: Sequence[str], environ: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Return the commit of the run that made a version, and the name or path of its model.

    `names` are the tags and params with the commit of a run. The commit may be abbreviated. The
    model comes from the tag of `lineage-diff mlflow tag`, else it is the registered name. Raises
    `InputError` if the server does not know the version or its commit.
    """
    # Imported here: other names need no server.
    from lineage_diff.mlflow.lookup import ask_mlflow
    from lineage_diff.mlflow.references import model_reference

    reference = model_reference(text)
    if reference is None:
        raise InputError(
            f"{text} names no version of a registered model",
            hint="Write models:/NAME/VERSION, models:/NAME@ALIAS or models:/NAME/STAGE, or the "
            "models:/m-… of a logged model.",
        )
    answer = ask_mlflow(
        (), (text,), names=names, environ=os.environ if environ is None else environ
    )
    if answer is None:
        raise InputError(
            f"no MLflow server to ask for {text}",
            hint="Set MLFLOW_TRACKING_URI, and MLflow's own variables to log in.",
        )
    version, run = answer.versions.get(text), answer.origins.get(text)
    if version is None:
        if answer.unavailable is not None:
            raise InputError(
                f"MLflow cannot resolve {text}: {answer.unavailable}",
                hint="Try again, or name the model by its path and --rev.",
            )
        if reference.is_logged:
            hint = "It may be deleted, or on another server."
        elif reference.name in answer.names:
            hint = _near_reference(text, answer.references)
        else:
            hint = near(reference.name, answer.names, "The server has no registered model.")
        raise InputError(f"MLflow knows no {text}", hint=hint)
    if run is None or run.commit is None:
        raise InputError(
            f"the run that made {text} names no commit",
            hint=f"Log {' or '.join(names)} in your runs, or name the model by its path.",
        )
    return run.commit, run.tags.get(f"{OURS}model", version.name)


def _near_reference(text: str, references: Iterable[str]) -> str:
    """Return a hint for an unknown version, alias or stage of a registered model."""
    ends = {_REFERENCE_END.split(item)[-1]: item for item in references}
    close = closest_matches(_REFERENCE_END.split(text)[-1], ends, 3)
    if close:
        return f"Did you mean {' or '.join(ends[end] for end in close)}?"
    return near("", ends.values(), "The model has no version.")


def range_ends(text: str) -> tuple[str, str, bool] | None:
    """Return the two ends of `A..B` or `A...B`, and whether they are compared directly.

    As for `git diff`: `A..B` compares the two, `A...B` compares B with the merge base; an end that
    is left out is `HEAD`. `None` for a text without a range.
    """
    old, dots, new = text.partition("..")
    if not dots:
        return None
    direct = not new.startswith(".")
    return old or "HEAD", new.removeprefix(".") or "HEAD", direct


def registry_version(text: str, registry: Iterable[RegistryVersion]) -> RegistryVersion | None:
    """Return the version that `NAME@v1.2.0`, `NAME@latest` or `NAME#STAGE` names.

    A folder stands before the name as `FOLDER:NAME` or, as in a tag, `FOLDER=NAME`. `None` for an
    unknown artifact; raises `InputError` for an unknown version or stage of a known one.
    """
    for mark in "@#":
        name, found, wanted = text.replace("=", ":").rpartition(mark)
        versions = [version for version in registry if found and version.artifact == name]
        if not versions:
            continue
        if mark == "#":
            held = [version for version in versions if wanted in version.stages]
            stages = sorted({stage for version in versions for stage in version.stages})
            is_withdrawn = not any(version.active for version in versions)
            none = _WITHDRAWN if is_withdrawn else "No stage of it is assigned."
            return _one(held, f"no version of {name} is in stage {wanted!r}", wanted, stages, none)
        active = [version for version in versions if version.active] or versions
        held = [version for version in versions if version.version == wanted]
        if wanted == "latest":
            held = active[-1:]
        tags = [version.version for version in versions]
        return _one(held, f"no version {wanted!r} of {name}", wanted, tags, "")
    return None


def named_version(
    repository: GitRepository, text: str, registry: Iterable[RegistryVersion]
) -> RegistryVersion | None:
    """Return `registry_version`. Its error says so if a tag has the name and is not annotated."""
    try:
        return registry_version(text, registry)
    except InputError as error:
        raise not_annotated(repository, text) or error from None


def not_annotated(repository: GitRepository, text: str) -> InputError | None:
    """Error for a tag with the name of a version or stage that the registry ignores, if it is one.

    GTO, as DVC's registry, reads annotated tags only.
    """
    tag = text.replace(":", "=")
    if parse_tag(tag) is None or repository.tag_kind(tag) in (None, "tag"):
        return None
    return InputError(
        f"the tag {tag} is not annotated, so it has no author and the registry ignores it",
        hint=f"Annotate it: `git tag -f -a -m MESSAGE {tag} {tag}`. `gto register` and "
        "`gto assign` make annotated tags.",
    )


def _one(
    held: list[RegistryVersion], message: str, wanted: str, names: list[str], otherwise: str
) -> RegistryVersion:
    if not held:
        raise InputError(message, hint=near(wanted, names, otherwise))
    return held[-1]


def near(wanted: str, names: Iterable[str], otherwise: str) -> str:
    """Return a hint with the closest matches of an unknown name, or else the existing names."""
    names = sorted(set(names))
    close = closest_matches(wanted, names, 3)
    if not close:
        ends = {re.split("[:/]", name)[-1]: name for name in names}
        close = [ends[end] for end in closest_matches(wanted, ends, 3)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if not names:
        return otherwise
    return f"There is: {join_some(names, _SOME_NAMES)}."
