"""Which stale stages a stale model already speaks for."""

from lineage_diff.compare.change import Change


def stale_for_a_model(change: Change) -> frozenset[str]:
    """Return the ids of the stages that make stale models, and of the stale ones above those."""
    stages = {stage.name: stage for stage in change.stages}
    waiting = [
        model.stage
        for model in change.models
        if model.stage is not None and model.freshness == "stale" and model.change != "removed"
    ]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name in stages:
            waiting += [r.subject for r in stages[name].reasons if r.kind == "outdated-by"]
    return frozenset(found)


def below(change: Change) -> dict[str, frozenset[str]]:
    """Return by stage the stages that it outdates, directly or through others."""
    users: dict[str, list[str]] = {}
    for stage in change.stages:
        for reason in stage.reasons:
            if reason.kind == "outdated-by":
                users.setdefault(reason.subject, []).append(stage.name)
    found: dict[str, frozenset[str]] = {}
    for above in users:
        seen: set[str] = set()
        waiting = list(users[above])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += users.get(name, ())
        found[above] = frozenset(seen - {above})
    return found
