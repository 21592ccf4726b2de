"""Where one model of a commit came from, with all that the commit itself tells of it."""

from lineage_diff.audit.answers import MetricValue, Trace
from lineage_diff.audit.ledger import Entry, Ledger
from lineage_diff.audit.trace import Behind, behind, inputs_behind, params_behind, runs_behind
from lineage_diff.compare.freshness import StageFreshness
from lineage_diff.compare.models import Model
from lineage_diff.compare.side import Side
from lineage_diff.compare.versions import side

_UNKNOWN = StageFreshness("unknown")
_NOTHING = Behind((), {})


def newest(ledger: Ledger, path: str) -> Entry | None:
    """Return what the last commit of a ledger says of a path."""
    return ledger.at(path, len(ledger.points) - 1)


def model_trace(
    ledger: Ledger,
    commit: str,
    path: str,
    model: Model | None,
    freshness: StageFreshness | None,
    metrics: tuple[MetricValue, ...],
) -> Trace:
    """Trace a path at the last commit of the ledger.

    A model inside of a folder that is an out came from where the folder did. One that Git itself
    tracks has no run behind it.
    """
    made = model.made if model is not None else None
    out = made.out.path if made is not None else path
    entry = newest(ledger, out)
    version = Side(None)
    if entry is not None and out == path:
        version = side(entry.version)
    elif made is not None and out == path:
        version = side(made.version)
    record = entry.record if entry is not None else None
    stage = made.stage.id if made is not None and not made.stage.is_dvcfile else None
    judged = freshness or _UNKNOWN
    found = behind(ledger, out, entry) if entry is not None else _NOTHING
    return Trace(
        path=path,
        name=model.name if model is not None else None,
        commit=commit,
        stage=record.stage if record is not None else stage,
        identified_by=model.identified_by if model is not None else None,
        version=version,
        made=ledger.commit(ledger.since(out, entry)) if entry is not None else None,
        freshness=judged.freshness,
        reasons=judged.reasons,
        runs=runs_behind(ledger, found),
        inputs=inputs_behind(ledger, found),
        params=params_behind(ledger, found),
        metrics=metrics,
    )
