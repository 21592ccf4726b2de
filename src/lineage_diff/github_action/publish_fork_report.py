"""Post the report of a fork's run as a comment: the second half of the pair of workflows.

This run has a token that writes, and untrusted code made the report. So GitHub names the pull
request for the commit of that run, the comment uses our own templates, and the verdict has no
effect: the exit code of the first run was the check.
"""

from msgspec.structs import replace

from lineage_diff.app.result import Comparison
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS
from lineage_diff.forge.publication import Head
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action import publish as publishing
from lineage_diff.github_action.activity import OnPullRequest, PublishReport
from lineage_diff.github_action.images import render_images
from lineage_diff.github_action.outcome import outputs
from lineage_diff.github_action.pr_comment import comment_on
from lineage_diff.github_action.publish import PublishResult
from lineage_diff.github_action.step import Step
from lineage_diff.github_action.untrusted_report import read_report
from lineage_diff.report.report import Repository


def comment_report(activity: PublishReport, step: Step) -> int:
    """Publish the report, and return 0. Raises `InputError` if it cannot be published.

    If the commit is no longer the head of an open pull request, nothing is published.
    """
    environment, inputs = step.environment, step.inputs
    report = read_report(environment.workspace, activity.report, activity.head_commit)
    # Its links are to our own server, whatever it says.
    own = Repository(environment.repository, environment.server_url)
    report = replace(report, repository=own)
    run_url = environment.url_of_run(activity.run_id)
    below = texts.origin_appender(run_url, activity.head_repository)
    try:
        texts.comment_text(report, inputs.graph, below, run_url=run_url)(None)
        summary = below(texts.summary_text(report, inputs.graph))
    except ValueError as error:
        raise InputError(
            "the report cannot be shown: its texts are too long for a comment",
            hint="Check the commit that the run was for.",
            file=activity.report,
        ) from error
    head = Head(activity.head_repository, activity.head_branch, activity.head_commit)
    found = publishing.find_pull_request(step.credentials, environment.repository, head)
    if found.number is None and not found.notes:
        return step.skip("no-pull-request")
    published = PublishResult(notes=found.notes)
    if found.number is not None:
        on = OnPullRequest(found.number, activity.head_commit, fork=False, public=activity.public)
        comment = comment_on(on, report, render_images(report, inputs.graph), step, run_url, below)
        published = publishing.publish(step.credentials, comment, None)
    lines = texts.note_lines(published.notes, fork=False, report_path="")
    step.warn(lines)
    done = Comparison(report, (), same_commit=False)
    step.summarise(texts.with_notes(summary, lines))
    step.set_outputs(
        outputs(
            done, inputs.fail_on, comment_url=published.comment_url, report_path=activity.report
        ),
    )
    return PASS
