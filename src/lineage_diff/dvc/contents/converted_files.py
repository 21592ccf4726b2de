"""Say of a file that does not read whether Git only holds it in another form than DVC reads."""

from lineage_diff.errors import ConvertedError, InputError, MalformedError
from lineage_diff.git.path_rules import Conversions
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget

_HINT = (
    "Keep what DVC reads in files that Git does not convert, such as the secrets in one of their "
    "own; until then, run `dvc status` in a checkout."
)


class ConvertedFiles:
    """Finds the conversions of unreadable files; the rules of the last commit are kept."""

    def __init__(self) -> None:
        self._last: tuple[Snapshot, Conversions] | None = None

    def explain(
        self, error: InputError, path: str, snapshot: Snapshot, work: WorkBudget
    ) -> InputError:
        """Return the error, or that of the conversion if Git converts the malformed file.

        The files of a work tree are as DVC reads them.
        """
        if not isinstance(error, MalformedError) or snapshot.is_on_disk:
            return error
        reached = snapshot.resolve(path) or path
        try:
            setting = self._conversions(snapshot, work).setting(reached)
        except TooMuchWorkError as too_much:
            return too_much
        return error if setting is None else _converted(path, setting)

    def _conversions(self, snapshot: Snapshot, work: WorkBudget) -> Conversions:
        if self._last is None or self._last[0] is not snapshot:
            self._last = snapshot, Conversions(snapshot, work)
        return self._last[1]


def _converted(path: str, setting: str) -> ConvertedError:
    what = f"Git converts it by `{setting}` in `.gitattributes`, and the form that Git holds "
    return ConvertedError(f"{what}cannot be read", hint=_HINT, file=path)
