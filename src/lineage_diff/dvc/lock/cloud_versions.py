"""The versions that a cloud gave to the files of an out, as `dvc push` writes them.

For remotes with `version_aware` or `worktree` (`dvc.repo.worktree._merge_push_meta`): the entry of
a file, or each file that a directory's entry lists, has `cloud: {REMOTE: {version_id: …}}`, or the
`version_id` itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lineage_diff.dvc.lock.entry import merge_cloud_fields
from lineage_diff.dvc.project import LOCK
from lineage_diff.errors import InputError
from lineage_diff.lineage.outputs import KeptOut
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.parsing.yaml_loader import load_yaml


class Files(Protocol):
    """The files of a commit."""

    def resolve(self, path: str) -> str | None:
        """Return where a path leads; `None` if there is nothing."""

    def read(self, path: str) -> bytes:
        """Return the content of a file."""


class CloudVersions:
    """Reads the versions that locks and `.dvc` files record; each text is parsed once."""

    def __init__(self) -> None:
        self._parsed: dict[bytes, Any] = {}

    def read(self, kept: KeptOut, files: Files) -> dict[str, str | None]:
        """Return the version of each file of an out, by path; `None` for one that was not pushed.

        Paths start at the repository's root. Empty if the entry of the out cannot be read.
        """
        entry = self._entry(kept, files)
        if entry is None:
            return {}
        listed = entry.get("files")
        if not isinstance(listed, list):
            return {kept.out.path: _version(entry)}
        return {
            f"{kept.out.path}/{item['relpath']}": _version(item)
            for item in listed
            if isinstance(item, Mapping) and isinstance(item.get("relpath"), str)
        }

    def _entry(self, kept: KeptOut, files: Files) -> Mapping[str, Any] | None:
        stage = kept.stage
        file = stage.file if stage.is_dvcfile else join(folder_of(stage.file), LOCK)
        data = self._data(file, files)
        if not stage.is_dvcfile:
            data = _at(_at(data, "stages"), stage.name)
        outs = _at(data, "outs")
        found: Iterable[Any] = outs if isinstance(outs, list) else ()
        return next((item for item in found if _at(item, "path") == kept.out.declared), None)

    def _data(self, file: str, files: Files) -> Any:
        """Return the content of a file, `None` if it cannot be read."""
        try:
            if files.resolve(file) is None:
                return None
            text = files.read(file)
            if text not in self._parsed:
                self._parsed[text] = load_yaml(text, file)
        except InputError:
            return None
        return self._parsed[text]


def _at(data: Any, key: str | None) -> Any:
    return data.get(key) if isinstance(data, Mapping) else None


def _version(item: Mapping[str, Any]) -> str | None:
    version = merge_cloud_fields(item).get("version_id")
    return version if isinstance(version, str) else None
