"""Find the files that DVC reads and that Git writes in another encoding than UTF-8.

Git holds them in UTF-8, and writes them so that DVC cannot read them (`dvc.utils.serialize`).
"""

import re
from collections.abc import Iterable, Iterator

from lineage_diff.dvc import problems
from lineage_diff.errors import InputError
from lineage_diff.git.path_rules import Conversions
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import Problem
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget

_ATTRIBUTE = "working-tree-encoding="
_UTF_8 = frozenset(("utf-8", "utf8"))
# Encodings that write ASCII as UTF-8 does, by their names in Git.
_LIKE_ASCII = re.compile(
    r"(us-)?ascii|iso-?8859-?\d+|latin-?\d+|(windows-?|cp)125\d|koi8-[ru]"
    r"|(shift|euc)-?(jis|jp|kr|cn)|sjis|gb(k|2312|18030)|big5"
)


def encoding_refusals(
    paths: Iterable[str], snapshot: Snapshot, work: WorkBudget
) -> Iterator[Problem]:
    """Yield a problem for each of the paths whose file is no UTF-8 where Git writes it.

    Raises `TooMuchWorkError`.
    """
    conversions = Conversions(snapshot, work)
    for path in sorted(set(paths)):
        try:
            reached = snapshot.resolve(path)
            setting = conversions.setting(reached) if reached is not None else None
            if setting is None or not setting.startswith(_ATTRIBUTE):
                continue
            encoding = setting.removeprefix(_ATTRIBUTE)
            text = snapshot.read(path)
        except TooMuchWorkError:
            raise
        except InputError:
            continue
        if is_written_otherwise(text, encoding):
            what = f"Git writes it in `{encoding}` on checkout, and DVC reads UTF-8"
            hint = f"Remove `{_ATTRIBUTE}{encoding}` for this file from `.gitattributes`."
            yield problems.refused(path, what, hint, 1)


def is_written_otherwise(text: bytes, encoding: str) -> bool:
    """Whether a text of UTF-8 has other bytes in an encoding, which the head chooses.

    It is not encoded: for some of Python's encodings that takes the square of the text.
    """
    name = encoding.lower().replace("_", "-")
    if name in _UTF_8 or not text:
        return False
    return _LIKE_ASCII.fullmatch(name) is None or not text.isascii()
