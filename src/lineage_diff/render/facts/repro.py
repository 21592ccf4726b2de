"""The `dvc repro` that a report advises: its command, the stages left out, the files written."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from lineage_diff.render.facts.counts import stages_of_head
from lineage_diff.render.groups.names import family_of
from lineage_diff.report.report import Report

# In characters: six lines.
LONG_TO_READ = 600


def repro_command(report: Report) -> str:
    """Return the command that the report advises; empty if there is none, or it is too long."""
    return report.repro.command


def is_long_command(report: Report) -> bool:
    """Whether the command is longer than the rest of what a reader reads first."""
    return len(repro_command(report)) > LONG_TO_READ


def repro_target_count(report: Report) -> int:
    """Return the number of stages that the command names, of an entry all."""
    entries = Counter(family_of(stage.name) for stage in stages_of_head(report))
    ids = (target if ":" in target else f"dvc.yaml:{target}" for target in report.repro.targets)
    return sum(entries.get(target, 1) for target in ids)


def left_out_stages(report: Report) -> Mapping[str, list[str]]:
    """Return the ids of the stale stages that the command does not run, by the reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in report.repro.left_out:
        found[item.reason].append(item.stage)
    return dict(found)


def files_written(report: Report) -> list[str]:
    """Return the lock and `.dvc` files that the command will write, sorted."""
    left_out = {item.stage for item in report.repro.left_out}
    stale = [stage for stage in stages_of_head(report) if stage.freshness == "stale"]
    return sorted({_lock(stage.pipeline) for stage in stale if stage.name not in left_out})


def _lock(pipeline: str) -> str:
    """Return the file that records the runs of a `dvc.yaml`; a `.dvc` file records its own."""
    if not pipeline.endswith("dvc.yaml"):
        return pipeline
    return pipeline.removesuffix("dvc.yaml") + "dvc.lock"
