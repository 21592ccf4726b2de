"""Look in the remote for the versions that a commit records.

DVC pushes what `dvc.repo.push` and `dvc.output.Output.get_used_objs` choose: outs that it keeps,
without `push: false` and without imports from other repositories.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.dvc.storage import failures as why
from lineage_diff.dvc.storage.client import Presence
from lineage_diff.dvc.storage.listings import ListingReader
from lineage_diff.dvc.storage.objects import Objects, has_address
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.outputs import KeptOut
from lineage_diff.report.pushed import PushedOut


class PushedStorage(Protocol):
    """The storage of a repository's DVC projects."""

    def of(self, root: str) -> Objects:
        """Return the objects of the project at a folder of the repository."""

    def look_for(
        self, root: str, algorithm: str, values: Sequence[str], remote: str | None
    ) -> Presence:
        """Return which of these objects the remote of a project has."""

    def look_for_versions(
        self, root: str, versions: Sequence[tuple[str, str]], remote: str | None
    ) -> Presence:
        """Return which of these versions of files a versioned remote has."""


class _Wanted(Struct, frozen=True):
    """The objects of one out: of a directory, its listing and the files that it names."""

    kept: KeptOut
    values: tuple[str, ...]
    unknown: str | None = None

    @property
    def place(self) -> tuple[str, str, str | None]:
        """The project, algorithm and remote: objects with the same are looked for together."""
        stored = self.kept.stored
        return stored.root, stored.hash.algorithm, stored.remote


def introduced_outs(head: Iterable[KeptOut], base: Iterable[KeptOut]) -> tuple[KeptOut, ...]:
    """Return the outs of the head that DVC pushes and whose version the base did not push."""
    before = {kept.stored for kept in base if _is_pushed(kept)}
    found = (kept for kept in head if _is_pushed(kept) and kept.stored not in before)
    return tuple(sorted(found, key=lambda kept: (kept.out.path, kept.stage.id)))


def _is_pushed(kept: KeptOut) -> bool:
    imported = kept.stage.imported
    return kept.out.push and not (imported is not None and imported.kind == "repo")


def check_pushed(
    outs: Sequence[KeptOut],
    storage: PushedStorage,
    versions_of: Callable[[KeptOut], Mapping[str, str | None]],
) -> tuple[PushedOut, ...]:
    """Look for the objects of outs in their remotes; a listing is read, nothing else is.

    `versions_of` returns the versions of an out's files in a versioned remote, as
    `CloudVersions.read` does.
    """
    listings = ListingReader()
    wanted = [_objects_of(kept, storage, listings) for kept in outs]
    together: dict[tuple[str, str, str | None], dict[str, None]] = {}
    for item in wanted:
        together.setdefault(item.place, {}).update(dict.fromkeys(item.values))
    answers = {
        (root, algorithm, remote): _Answer(
            values, storage.look_for(root, algorithm, tuple(values), remote)
        )
        for (root, algorithm, remote), values in together.items()
        if values
    }
    found = (_pushed_out(item, answers.get(item.place)) for item in wanted)
    return tuple(
        _in_versions(out, kept, storage, versions_of(kept)) if out.reason == why.VERSIONED else out
        for kept, out in zip(outs, found, strict=True)
    )


def _in_versions(
    out: PushedOut, kept: KeptOut, storage: PushedStorage, versions: Mapping[str, str | None]
) -> PushedOut:
    """Look for the versions of an out's files; a file without a version was never pushed."""
    stored = kept.stored
    inside = f"{stored.root}/" if stored.root else ""
    pushed = [(path.removeprefix(inside), id_) for path, id_ in versions.items() if id_]
    presence = storage.look_for_versions(stored.root, pushed, stored.remote)
    missing = len(versions) - len(pushed) + len(presence.missing)
    reason = presence.unknown if versions else why.NO_VERSIONS
    return replace(
        out,
        state="missing" if missing else "unknown" if reason else "pushed",
        remote=presence.remote or stored.remote,
        files=len(versions) or None,
        asked=len(versions) - len(pushed) + presence.asked,
        missing=missing,
        reason=None if missing else reason,
    )


def unchecked(outs: Sequence[KeptOut], reason: str) -> tuple[PushedOut, ...]:
    """Return outs that are unknown for a reason; no remote is asked."""
    return tuple(_pushed_out(_Wanted(kept, (), reason), None) for kept in outs)


class _Answer:
    """The answer for the objects of one place, by hash."""

    def __init__(self, values: Iterable[str], presence: Presence) -> None:
        self.presence = presence
        self._rank = {value: rank for rank, value in enumerate(values)}

    def was_asked(self, value: str) -> bool:
        """Whether the remote was asked for an object."""
        return self._rank[value] < self.presence.asked


def _objects_of(kept: KeptOut, storage: PushedStorage, listings: ListingReader) -> _Wanted:
    stored = kept.stored
    if not has_address(stored.hash):
        return _Wanted(kept, (), why.no_address(stored.hash))
    if not stored.hash.is_dir:
        return _Wanted(kept, (stored.hash.value,))
    if stored.files is not None:
        listing = Listing(dict(stored.files))
    else:
        listing = listings.read(storage.of(stored.root), stored.hash, stored.remote)
    files = dict.fromkeys(hash_.value for hash_ in listing.files.values())
    return _Wanted(kept, (stored.hash.value, *files), listing.unknown)


def _pushed_out(wanted: _Wanted, answer: _Answer | None) -> PushedOut:
    kept, stored = wanted.kept, wanted.kept.stored
    found = PushedOut(
        kept.out.path,
        kept.stage.id,
        kept.stage.address,
        "unknown",
        str(stored.hash),
        kept.out.locked.size if kept.out.locked else None,
        stored.remote,
        reason=wanted.unknown,
    )
    if answer is None:
        return found
    presence = answer.presence
    asked = [value for value in wanted.values if answer.was_asked(value)]
    missing = [value for value in asked if value in presence.missing]
    files = wanted.values[1:] if stored.hash.is_dir else wanted.values
    reason = presence.unknown if len(asked) < len(wanted.values) else wanted.unknown
    return replace(
        found,
        state="missing" if missing else "unknown" if reason else "pushed",
        remote=presence.remote or stored.remote,
        files=_count(wanted, files),
        asked=len(set(asked).intersection(files)),
        missing=len(set(missing).intersection(files)),
        listing_missing=stored.hash.is_dir and wanted.values[0] in missing,
        reason=None if missing else reason,
    )


def _count(wanted: _Wanted, files: Sequence[str]) -> int | None:
    if wanted.unknown is None:
        return len(files)
    locked = wanted.kept.out.locked
    return locked.nfiles if locked is not None else None
