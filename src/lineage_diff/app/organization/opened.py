"""Open the store of an organization: the one place that loads the packages of the extra `lake`."""

from typing import TYPE_CHECKING

from lineage_diff.errors import InputError
from lineage_diff.organization.address import StoreAddress

if TYPE_CHECKING:
    from lineage_diff.organization.delta import DeltaStore


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
