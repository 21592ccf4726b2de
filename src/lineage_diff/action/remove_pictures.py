"""A pull request was closed: its pictures go."""

from lineage_diff.action import publishing, texts
from lineage_diff.action.activity import RemoveImages
from lineage_diff.action.outcome import outputs
from lineage_diff.action.step import Step
from lineage_diff.exit_code import PASS


def remove_pictures(activity: RemoveImages, step: Step) -> int:
    """Remove the pictures' ref, and tell where that failed. Nothing of it fails the job."""
    notes = publishing.remove_images(
        step.account, step.environment.repository, activity.pull_request
    )
    lines = texts.noted(notes, fork=False, report_path="")
    step.warn(lines)
    step.summarise(texts.with_notes("", lines))
    step.put(outputs(None, step.inputs.fail_on))
    return PASS
