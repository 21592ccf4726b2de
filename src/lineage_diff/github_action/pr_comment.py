"""Build the comment on a pull request from a report, unless comments are off."""

from collections.abc import Callable, Mapping

from lineage_diff.forge.publication import STATE_LENGTH, Comment, Images, Target
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action.activity import OnPullRequest
from lineage_diff.github_action.images import (
    are_images_hosted,
    without_commit_images,
    without_images,
)
from lineage_diff.github_action.step import Step
from lineage_diff.render.last_push import push_state
from lineage_diff.render.markdown import PLOTS
from lineage_diff.render.plots.files import select_hosted
from lineage_diff.render.summary import summary_of
from lineage_diff.report.report import Report

_GRAPHS = ("graph-light.png", "graph-dark.png")


def comment_on(
    on: OnPullRequest,
    report: Report,
    pictures: Mapping[str, bytes],
    step: Step,
    run_url: str,
    below: Callable[[str], str] = str,
) -> tuple[Target, Comment] | None:
    """Return the comment and its target; `None` if the workflow disables comments.

    With `changes`, a comment is created if the change affects the lineage; an existing one is
    always updated. `run_url` is the page with the full report. For a fork, only images rendered
    from data are shown.
    """
    inputs = step.inputs
    if inputs.comment == "never":
        return None
    if on.fork:
        report, pictures = without_images(report), without_commit_images(pictures)
    images = None
    # Without them no Graphviz worked, or not in time: Mermaid replaces the graph.
    if are_images_hosted(inputs.graph, on.public) and pictures.keys() >= set(_GRAPHS):
        light, dark = (pictures[name] for name in _GRAPHS)
        images = Images(light, dark, select_hosted(pictures, PLOTS))
    return (
        Target(step.environment.repository, on.number, on.head_commit, inputs.id, step.run),
        Comment(
            texts.comment_text(report, inputs.graph, below, run_url=run_url),
            create=inputs.comment == "always" or summary_of(report).touched,
            images=images,
            state=push_state(report, STATE_LENGTH),
            text_since=lambda urls, earlier: texts.comment_text(
                report, inputs.graph, below, earlier, run_url
            )(urls),
        ),
    )
