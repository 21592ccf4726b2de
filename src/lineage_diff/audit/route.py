"""The stages that something went through on its way to a model."""

SKIPPED = "…"
_ENDS = 50


def onward(stage: str, via: tuple[str, ...]) -> tuple[str, ...]:
    """Put a stage before a route; of a very long one both ends are kept, and `…` between them."""
    longer = (stage, *via)
    if len(longer) <= 2 * _ENDS:
        return longer
    return (*longer[:_ENDS], SKIPPED, *longer[-_ENDS:])
