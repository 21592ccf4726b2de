"""Open the store of an organization: the one place that loads the packages of the extra `lake`."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_diff.errors import InputError
from lineage_diff.history.reader import HistoryReader, open_history
from lineage_diff.organization.address import StoreAddress
from lineage_diff.organization.tables.head_tables import GENERATIONS

if TYPE_CHECKING:
    from lineage_diff.organization.delta import DeltaStore


def begin_history(repository: str, address: StoreAddress) -> HistoryReader | None:
    """Have Git list the whole history of a repository, if the store surely has nothing of it yet.

    So Git works while the packages are loaded and the tables created. Returns `None` if the store
    may have a part of it, and for a repository by address or without a commit.
    """
    if ":" in repository or not address.is_folder:
        return None
    with suppress(InputError, OSError):
        if Path(address.url, GENERATIONS.name).exists():
            return None
        history = open_history(repository)
        history.prefetch_whole("HEAD")
        return history
    return None


def open_store(address: StoreAddress) -> "DeltaStore":
    """Return the store at an address. Raises `InputError` if the extra is not installed."""
    try:
        # Imported late: the packages are large, and an extra.
        from lineage_diff.organization.delta import DeltaStore
    except ImportError as error:
        raise InputError(
            "the tables of an organization need a package that is not installed",
            hint="Install lineage-diff[lake].",
        ) from error
    return DeltaStore(address)
