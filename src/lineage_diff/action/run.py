"""An activity, done: which part of this room does it."""

from typing import assert_never

from lineage_diff.action.activity import (
    Activity,
    Compare,
    Judge,
    Nothing,
    PublishReport,
    RemoveImages,
)
from lineage_diff.action.step import Step


def run(activity: Activity, step: Step) -> int:
    """Do it, and return the exit code. Raises `InputError` for bad input."""
    match activity:
        case Compare() | Judge():
            from lineage_diff.action.judge_commits import judge_commits

            return judge_commits(activity, step)
        case PublishReport():
            from lineage_diff.action.comment_report import comment_report

            return comment_report(activity, step)
        case RemoveImages():
            from lineage_diff.action.remove_pictures import remove_pictures

            return remove_pictures(activity, step)
        case Nothing():
            return step.nothing(activity.why)
    assert_never(activity)
