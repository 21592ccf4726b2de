"""Find the files that DVC reads and that Git writes in another encoding than UTF-8.

Git holds them in UTF-8, and writes them so that DVC cannot read them (`dvc.utils.serialize`).
"""

import codecs
from collections.abc import Iterable, Iterator

from lineage_diff.dvc import problems
from lineage_diff.errors import InputError
from lineage_diff.git.path_rules import Conversions
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import Problem
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget

_ATTRIBUTE = "working-tree-encoding="


def encoding_refusals(
    paths: Iterable[str], snapshot: Snapshot, work: WorkBudget
) -> Iterator[Problem]:
    """Yield a problem for each of the paths whose file is no UTF-8 where Git writes it."""
    conversions = Conversions(snapshot, work)
    for path in sorted(set(paths)):
        try:
            reached = snapshot.resolve(path)
            setting = conversions.setting(reached) if reached is not None else None
            if setting is None or not setting.startswith(_ATTRIBUTE):
                continue
            encoding = setting.removeprefix(_ATTRIBUTE)
            text = snapshot.read(path)
        except (InputError, TooMuchWorkError):
            continue
        if _differs(text, encoding):
            what = f"Git writes it in `{encoding}` on checkout, and DVC reads UTF-8"
            hint = f"Remove `{_ATTRIBUTE}{encoding}` for this file from `.gitattributes`."
            yield problems.refused(path, what, hint, 1)


def _differs(text: bytes, encoding: str) -> bool:
    """Whether a text of UTF-8 has other bytes in an encoding.

    Python does not know all that Git does, such as `UTF-16LE-BOM`: the others write no ASCII, or
    no letters beside it, as UTF-8 does.
    """
    try:
        return bool(text) and text.decode("utf-8").encode(codecs.lookup(encoding).name) != text
    except (LookupError, UnicodeError):
        return bool(text)
