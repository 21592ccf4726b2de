"""`cached-metric`: a metrics file in DVC's cache, whose values no pull request shows."""

from collections.abc import Iterator

from lineage_diff.lineage.graph import value_around
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context, lineage
from lineage_diff.rules.rule import ONE_COMMIT, Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "cached-metric"


def _check(context: Context) -> Iterator[Finding]:
    producers = {out.path: stage for stage in context.head.stages for out in stage.outs}
    for path, file in sorted(context.head.metrics.items()):
        if not file.cached:
            continue
        stage = value_around(path, producers)
        yield Finding(
            NAME,
            "info",
            path,
            f"the values of {code(path)} are in DVC's cache, not in Git: no pull request can "
            "show them",
            "Set `cache: false` on this metrics file and commit it, or have metrics fetched "
            "(`fetch` in the configuration).",
            stage.file if stage else path,
            stage.line if stage else 1,
        )


RULE = Rule(
    name=NAME,
    severity="info",
    summary="a metrics file in DVC's cache and not in Git",
    why=(
        "Its values can be read only with access to the storage, so a pull request shows neither "
        "the values nor that they got worse. This does not change which stages DVC runs."
    ),
    hint=(
        "Set `cache: false` on the metrics file and commit it; or, if the storage may be read, "
        "set `fetch: [metrics]` in the configuration."
    ),
    check=_check,
    fails=Example(
        "`metrics: [metrics.json]` without `cache: false`.",
        context(
            head=lineage(
                TRAIN,
                metrics={
                    "metrics.json": ValuesFile(
                        "metrics.json", None, "kept in DVC's cache", cached=True
                    )
                },
            )
        ),
    ),
    passes=Example(
        "`metrics.json` with `cache: false`, committed.",
        context(
            head=lineage(
                TRAIN, metrics={"metrics.json": ValuesFile("metrics.json", {"accuracy": 0.9})}
            )
        ),
    ),
    runs=ONE_COMMIT,
)
