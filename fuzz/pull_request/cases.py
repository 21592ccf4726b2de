"""Random pull requests by their numbers: the shape, the edits, and how the history goes."""

from random import Random

import msgspec

from fuzz.pull_request.inputs import HARMLESS_INPUTS, INPUTS, Edit
from fuzz.pull_request.locks import HARMLESS_LOCKS, LOCKS
from fuzz.pull_request.pipelines import HARMLESS_PIPELINES, PIPELINES
from fuzz.pull_request.places import HARMLESS_PLACES, PLACES
from fuzz.pull_request.project import Project
from fuzz.pull_request.shapes import SHAPES

HARMLESS: dict[str, Edit] = {
    **HARMLESS_INPUTS,
    **HARMLESS_LOCKS,
    **HARMLESS_PIPELINES,
    **HARMLESS_PLACES,
}
EDITS: dict[str, Edit] = {**INPUTS, **PIPELINES, **LOCKS, **PLACES, **HARMLESS}
FORMS = ("commits", "moved", "middle", "back-merge", "criss-cross", "octopus")
# Edits that change `main`, of which DVC must be able to say something.
_MOVES = (
    *("edit-input", "edit-param", "other-data", "run-all", "freeze", "drop-dep", "rename-stage"),
    *("change-command", "remove-stage", "dvcignore", "move-folder", "drop-param", "split", "docs"),
    *("remove-input", "rename-input", "add-dep", "remove-pipeline", "other-hash-of-data", "wdir"),
)


class Made(msgspec.Struct, frozen=True):
    """One edit of a case: its name and the seed of what it picks."""

    name: str
    seed: int


class Case(msgspec.Struct, frozen=True):
    """A pull request: the shape of its base, its edits, and those of the base branch meanwhile.

    With `sparse`, it is also compared in a sparse checkout.
    """

    shape: str
    form: str
    edits: tuple[Made, ...]
    moves: tuple[Made, ...] = ()
    sparse: bool = False

    @property
    def harmless(self) -> bool:
        """Whether nothing of it may be red."""
        return all(made.name in HARMLESS for made in (*self.edits, *self.moves))

    def __str__(self) -> str:
        edits = ", ".join(f"{made.name}:{made.seed}" for made in self.edits)
        moves = ", ".join(f"{made.name}:{made.seed}" for made in self.moves)
        return f"{self.shape} | {self.form} | {edits}" + (f" | main: {moves}" if moves else "")


def draw(seed: int, number: int) -> Case:
    """Return the case of a seed with that number, the same each time."""
    random = Random(f"{seed}-{number}")  # noqa: S311
    form = random.choice(FORMS) if random.random() < 0.4 else "plain"
    names = tuple(HARMLESS if random.random() < 0.1 else EDITS)
    count = max(random.choice((1, 1, 2, 2, 2, 3, 3, 4)), 1 if form in ("plain", "moved") else 2)
    edits = tuple(Made(random.choice(names), random.randrange(1000)) for _ in range(count))
    moves = tuple(
        Made(random.choice(_MOVES), random.randrange(1000)) for _ in range(random.choice((1, 1, 2)))
    )
    moving = form in ("moved", "middle", "back-merge", "criss-cross")
    sparse = random.random() < 0.03
    return Case(random.choice(sorted(SHAPES)), form, edits, moves if moving else (), sparse)


def build(case: Case, project: Project) -> bool:
    """Make `main` and `head` of a case in a copy of its base; return whether Git could."""
    project.repo.git("branch", "start")
    try:
        _BUILDERS.get(case.form, _plain)(case, project)
    except AssertionError:
        # Git makes no such merge.
        return False
    return True


def _apply(project: Project, *edits: Made) -> None:
    for made in edits:
        try:
            EDITS[made.name](project, Random(made.seed))  # noqa: S311
        except (AssertionError, AttributeError, KeyError, OSError, TypeError, ValueError):
            # What an earlier edit left has no such part.
            continue


def _commit(project: Project, *edits: Made) -> None:
    _apply(project, *edits)
    project.save(", ".join(made.name for made in edits))


def _plain(case: Case, project: Project) -> None:
    project.repo.branch("head")
    _commit(project, *case.edits)


def _commits(case: Case, project: Project) -> None:
    project.repo.branch("head")
    for made in case.edits:
        _commit(project, made)


def _moved(case: Case, project: Project) -> None:
    _commit(project, *case.moves)
    project.repo.branch("head", "start")
    project.at("head")
    _commit(project, *case.edits)


def _middle(case: Case, project: Project) -> None:
    """Start the change in the middle of an earlier one, which `main` has put back since."""
    _commit(project, *case.moves)
    project.repo.branch("head")
    project.repo.checkout("main")
    _commit(project, Made("revert", 0), Made("docs", 1))
    project.at("head")
    _commit(project, *case.edits)


def _back_merge(case: Case, project: Project) -> None:
    project.repo.branch("head")
    _commit(project, case.edits[0])
    project.at("main")
    _commit(project, *case.moves)
    project.at("head")
    project.repo.merge("main")
    _commit(project, *case.edits[1:])


def _criss_cross(case: Case, project: Project) -> None:
    """Let both branches merge the other one as it was, so that there are two merge bases."""
    project.repo.branch("head")
    _commit(project, case.edits[0])
    project.repo.branch("earlier")
    project.at("main")
    _commit(project, *case.moves)
    project.at("head")
    project.repo.merge("main")
    project.at("main")
    project.repo.merge("earlier")
    project.at("head")
    _commit(project, *case.edits[1:])


def _octopus(case: Case, project: Project) -> None:
    branches = [f"part{number}" for number in range(len(case.edits))]
    for branch, made in zip(branches, case.edits, strict=True):
        project.repo.branch(branch, "start")
        project.at(branch)
        _commit(project, made)
    project.repo.branch("head", "start")
    project.at("head")
    project.repo.git("merge", "-q", "--no-ff", "-m", "Octopus", *branches)


_BUILDERS = {
    "commits": _commits,
    "moved": _moved,
    "middle": _middle,
    "back-merge": _back_merge,
    "criss-cross": _criss_cross,
    "octopus": _octopus,
}
