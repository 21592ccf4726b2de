"""The comment that a report becomes on a pull request, unless none is wanted."""

from collections.abc import Callable, Mapping

from lineage_diff.forge.publication import Comment, Images, Target
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action.activity import OnPullRequest
from lineage_diff.github_action.images import drawn_here, hosted, without_images
from lineage_diff.github_action.step import Step
from lineage_diff.render.markdown import PLOTS
from lineage_diff.render.plots.files import hosted_files
from lineage_diff.render.summary import Summary
from lineage_diff.report.report import Report


def comment_on(
    on: OnPullRequest,
    report: Report,
    pictures: Mapping[str, bytes],
    step: Step,
    below: Callable[[str], str] = str,
) -> tuple[Target, Comment] | None:
    """Return the comment and where it goes; `None` where the workflow wants none.

    `changes` makes one where the change touches the lineage, and else brings one that is there up
    to date. From a fork only what was drawn from data is shown as a picture.
    """
    inputs = step.inputs
    if inputs.comment == "never":
        return None
    if on.fork:
        report, pictures = without_images(report), drawn_here(pictures)
    images = None
    if hosted(inputs.graph, on.public) and pictures:
        images = Images(
            pictures["graph-light.png"],
            pictures["graph-dark.png"],
            hosted_files(pictures, PLOTS),
        )
    return (
        Target(step.environment.repository, on.number, on.head_commit, inputs.id, step.run),
        Comment(
            texts.comment_text(report, inputs.graph, below),
            create=inputs.comment == "always" or Summary(report).touched,
            images=images,
        ),
    )
