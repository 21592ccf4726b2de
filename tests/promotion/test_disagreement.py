"""Registries that name different commits for a stage: which do, and what the gate says of it."""

import pytest

from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.registry import RegistryVersion, disagreement_line, disagreements
from lineage_diff.promotion.facts import (
    BranchFacts,
    InUseFacts,
    PromotionFacts,
    PromotionSubject,
)
from lineage_diff.promotion.metrics import check_regression

A, B = "a" * 40, "b" * 40
GIT = RegistryVersion("churn", "v1.0.0", "churn@v1.0.0", A, ("prod", "dev"))


def mlflow(commit: str, *stages: str) -> RegistryVersion:
    return RegistryVersion("churn", "3", "models:/churn/3", commit, stages, registry="mlflow")


@pytest.mark.parametrize(
    ("versions", "stages"),
    [
        ((), []),
        ((GIT,), []),
        ((mlflow(B, "prod"),), []),
        ((GIT, mlflow(A, "Production")), []),
        ((GIT, mlflow(B, "Production")), ["prod"]),
        ((GIT, mlflow(B, "PROD")), ["prod"]),
        ((GIT, mlflow(B, "Dev", "prod")), ["prod", "dev"]),
        ((GIT, mlflow(B, "champion")), []),
        ((GIT, mlflow("", "Production")), []),
        # One of two versions in a stage is the same.
        ((GIT, mlflow(A, "prod"), mlflow(B, "Production")), []),
    ],
)
def test_only_one_stage_with_different_commits_is_a_disagreement(
    versions: tuple[RegistryVersion, ...], stages: list[str]
) -> None:
    assert [item.stage for item in disagreements(versions)] == stages


def test_the_text_names_the_versions_and_commits_of_both() -> None:
    (found,) = disagreements((GIT, mlflow(B, "Production")))
    assert found.text == (
        "prod is v1.0.0 of commit aaaaaaa in Git tags, and models:/churn/3 of commit bbbbbbb in "
        "MLflow"
    )
    assert disagreement_line((found,)) == f"the registries disagree: {found.text}"
    assert disagreement_line(()) == ""


@pytest.mark.parametrize(
    ("in_use", "state", "line"),
    [
        ((), "met", "no other version is in `prod`; the registries disagree: TEXT"),
        (
            (InUseFacts(GIT, unreadable="gone"),),
            "unknown",
            "`v1.0.0`, which is in use, cannot be compared: gone; the registries disagree: TEXT",
        ),
    ],
)
def test_the_answer_of_the_gate_says_so_whatever_it_is(
    in_use: tuple[InUseFacts, ...], state: str, line: str
) -> None:
    facts = PromotionFacts(
        PromotionSubject("churn", "model.pkl", A, stage="prod"),
        Policy(),
        CommitState(Lineage(A)),
        BranchFacts("main"),
        in_use=in_use,
        disputed="the registries disagree: TEXT",
    )
    answer = check_regression(facts)
    assert (answer.state, answer.line) == (state, line)
