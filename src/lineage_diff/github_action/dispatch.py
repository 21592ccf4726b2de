"""An activity, done: which part of this room does it.

A pull request was closed: its pictures go.
"""

from typing import assert_never

from lineage_diff.exit_codes import PASS
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action import publish as publishing
from lineage_diff.github_action.activity import (
    Activity,
    Compare,
    Judge,
    Nothing,
    PublishReport,
    RemoveImages,
)
from lineage_diff.github_action.outcome import outputs
from lineage_diff.github_action.step import Step


def run(activity: Activity, step: Step) -> int:
    """Do it, and return the exit code. Raises `InputError` for bad input."""
    match activity:
        case Compare() | Judge():
            # Saves comparing, for an event that asks for nothing or for less.
            from lineage_diff.github_action.compare_commits import judge_commits

            return judge_commits(activity, step)
        case PublishReport():
            # Saves the same.
            from lineage_diff.github_action.publish_fork_report import comment_report

            return comment_report(activity, step)
        case RemoveImages():
            return remove_pictures(activity, step)
        case Nothing():
            return step.nothing(activity.why)
    assert_never(activity)


def remove_pictures(activity: RemoveImages, step: Step) -> int:
    """Remove the pictures' ref, and tell where that failed. Nothing of it fails the job."""
    notes = publishing.remove_images(
        step.credentials, step.environment.repository, activity.pull_request
    )
    lines = texts.noted(notes, fork=False, report_path="")
    step.warn(lines)
    step.summarise(texts.with_notes("", lines))
    step.put(outputs(None, step.inputs.fail_on))
    return PASS
