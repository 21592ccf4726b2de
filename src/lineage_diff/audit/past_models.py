"""The models that a history knows: those of its last commit, and those that are no more."""

from collections.abc import Mapping

from lineage_diff.audit.ledger import Ledger
from lineage_diff.audit.registered import Registered
from lineage_diff.compare.globs import matcher
from lineage_diff.compare.models import Model, by_convention
from lineage_diff.lineage.policy import Policy


def past_and_present(
    ledger: Ledger,
    models: Mapping[str, Model],
    registered: tuple[Registered, ...],
    policy: Policy,
) -> dict[str, str | None]:
    """Return the names in the registry by the paths of all models, past and present.

    A path that is made no more was a model if a version of the registry says so, a glob of the
    configuration or the convention.
    """
    found = {
        model.made.out.path if model.made is not None else path: model.name
        for path, model in models.items()
    }
    wanted = matcher(policy.models)
    for item in registered:
        if item.path is not None:
            found.setdefault(item.path, item.version.artifact)
    for path, entries in ledger.entries.items():
        gone = entries[-1].record is None
        if gone and path not in found and (wanted(path) or by_convention(path)):
            found[path] = None
    return dict(sorted(found.items()))
