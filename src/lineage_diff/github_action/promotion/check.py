"""Check a promotion, write its record, and publish the check run on the version's commit."""

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app.gate.gate import gate
from lineage_diff.app.gate.request import GateRequest
from lineage_diff.exit_codes import FAIL, PASS
from lineage_diff.forge.publication import Check
from lineage_diff.git.repository import open_repository
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action import publish as publishing
from lineage_diff.github_action.activity import CheckPromotion
from lineage_diff.github_action.checkout import checkout_folder
from lineage_diff.github_action.outcome import outputs
from lineage_diff.github_action.policy.shared_file import offer_shared_policies
from lineage_diff.github_action.promotion.fetch import fetch_registry, refuse_moved_tag
from lineage_diff.github_action.runner.artifacts import output_folder, write_files
from lineage_diff.github_action.runner.git_fetch import Source, temporary_folder
from lineage_diff.github_action.runner.inputs import FailOn
from lineage_diff.github_action.step import Step
from lineage_diff.render.options import DEFAULT_WIDTH
from lineage_diff.render.promotion.text import (
    promotion_markdown,
    promotion_terminal,
    promotion_title,
)
from lineage_diff.render.templates import render
from lineage_diff.report.promotion import PromotionReport, encode_promotion, storable_promotion
from lineage_diff.report.report import Repository, Revision
from lineage_diff.text import visible

REPORT, RECORD = "promotion.json", "promotion.md"
# Characters of a check run's name: GitHub shows about as many.
_NAME = 100


def check_promotion(activity: CheckPromotion, step: Step) -> int:
    """Check the promotion, publish the verdict, and return the exit code.

    The record is written before anything is published. Raises `InputError` for bad input.
    """
    inputs, console = step.inputs, step.console
    folder = output_folder(step.environment.workspace, inputs.output_dir)
    console.quote(_begin(activity))
    report = storable_promotion(_gate(activity, step))
    record = promotion_markdown(report)
    write_files(folder, {REPORT: encode_promotion(report), RECORD: record.encode()})
    console.group("Report", promotion_terminal(report, color=False, width=DEFAULT_WIDTH))
    step.summarise(record)
    check = _check(report, record, activity, step) if inputs.check else None
    published = publishing.publish(step.credentials, None, check)
    notes = texts.note_lines(published.notes, False, folder.named(REPORT))
    step.warn(notes)
    step.summarise(texts.with_notes("", notes))
    paths = {"report_path": folder.named(REPORT), "summary_path": folder.named(RECORD)}
    step.set_outputs({**outputs(None, inputs.fail_on, **paths), **_verdict(report, inputs.fail_on)})
    title = promotion_title(report)
    if report.conclusion == "failure":
        console.command("error", title)
    console.quote(f"{title}. In full: {folder.named(RECORD)}")
    return FAIL if _conclude(report, inputs.fail_on) == "failure" else PASS


def _gate(activity: CheckPromotion, step: Step) -> PromotionReport:
    environment, inputs = step.environment, step.inputs
    source = Source(f"{environment.server_url}/{environment.repository}", inputs.github_token)
    checkout = checkout_folder(environment.workspace, inputs.working_directory)
    with temporary_folder() as store:
        fetch_registry(checkout, source, store)
        if activity.pushed is not None:
            refuse_moved_tag(store, activity.subject, activity.pushed)
        policy = f"refs/remotes/origin/{activity.default_branch}"
        offer_shared_policies(step, store, [open_repository(store).resolve(policy)])
        report = gate(
            GateRequest(
                activity.subject,
                store,
                stage=activity.stage,
                is_tag=activity.pushed is not None,
                policy=policy,
                config=inputs.config,
                checkout=checkout,
            )
        )
    return replace(
        report,
        repository=Repository(environment.repository, environment.server_url),
        policy=Revision(activity.default_branch, report.policy.commit),
    )


def _begin(activity: CheckPromotion) -> str:
    return render(
        "action/begin_promotion.j2", version=__version__, subject=_subject(activity)
    ).strip()


def _subject(activity: CheckPromotion) -> str:
    to = f" to {activity.stage}" if activity.stage is not None else ""
    return visible(f"{activity.subject}{to}")


def _conclude(report: PromotionReport, fail_on: FailOn) -> Literal["success", "failure", "neutral"]:
    if fail_on == "never" and report.conclusion == "failure":
        return "neutral"
    return report.conclusion


def _verdict(report: PromotionReport, fail_on: FailOn) -> Mapping[str, str]:
    failed = [result.name for result in report.conditions if not result.passed]
    return {"conclusion": _conclude(report, fail_on), "failed_conditions": ",".join(failed)}


def _check(report: PromotionReport, record: str, activity: CheckPromotion, step: Step) -> Check:
    name = render("action/promotion_name.j2", id=step.inputs.id, subject=_subject(activity)).strip()
    return Check(
        step.environment.repository,
        report.revision.commit,
        name[:_NAME],
        step.run,
        _conclude(report, step.inputs.fail_on),
        promotion_title(report),
        record[: texts.CHECK_LIMIT],
        details_url=step.environment.run_url,
    )
