"""Dispatch an activity to the function that handles it."""

from typing import assert_never

from lineage_diff.github_action import publish as publishing
from lineage_diff.github_action.activity import (
    Activity,
    CheckCommit,
    CheckPromotion,
    Compare,
    Nothing,
    PublishReport,
)
from lineage_diff.github_action.step import Step


def run(activity: Activity, step: Step) -> int:
    """Run the activity, and return the exit code. Raises `InputError` for bad input."""
    match activity:
        case Compare() | CheckCommit():
            # Imported late: other activities do not compare.
            from lineage_diff.github_action.compare_commits import check_commits

            on = activity.pull_request if isinstance(activity, Compare) else None
            if on is not None and on.closed:
                remove_pictures(on.number, step)
            return check_commits(activity, step)
        case CheckPromotion():
            # Imported late, as above.
            from lineage_diff.github_action.promotion.check import check_promotion

            return check_promotion(activity, step)
        case PublishReport():
            # Imported late, as above.
            from lineage_diff.github_action.publish_fork_report import comment_report

            return comment_report(activity, step)
        case Nothing():
            return step.skip(activity.why)
    assert_never(activity)


def remove_pictures(pull_request: int, step: Step) -> None:
    """Remove the refs of the images, and warn about failures. No failure fails the job."""
    # Imported late: an activity that is skipped needs no words for a report.
    from lineage_diff.github_action import messages as texts

    notes = publishing.remove_images(step.credentials, step.environment.repository, pull_request)
    lines = texts.note_lines(notes, fork=False, report_path="")
    step.warn(lines)
    step.summarise(texts.with_notes("", lines))
