"""The address of a store: a folder, or a prefix in S3, Google Cloud Storage or Azure."""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from lineage_diff.errors import InputError

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_REMOTE = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")
# A commit is a file that must not exist yet. S3 compares by `If-None-Match`.
_S3_OPTIONS = {"aws_conditional_put": "etag"}


class StoreAddress(Struct, frozen=True):
    """Where the tables are: a full path of a folder, or a URL. Neither ends in `/`."""

    url: str
    is_folder: bool

    def of_table(self, name: str) -> str:
        """Return the address of a table."""
        return f"{self.url}/{name}"

    @property
    def options(self) -> Mapping[str, str]:
        """The options of the storage; credentials come from the environment alone."""
        return _S3_OPTIONS if self.url.startswith("s3") and not self.is_folder else {}


def store_address(text: str) -> StoreAddress:
    """Return the address that a person wrote.

    Raises `InputError` for a URL of another kind, without a bucket, or with credentials.
    """
    match = _SCHEME.match(text)
    if match is None:
        return StoreAddress(os.path.abspath(text).rstrip("/") or "/", True)  # noqa: PTH100
    scheme = match[1].lower()
    if scheme not in _REMOTE:
        raise InputError(
            f"{scheme}:// is no address of a store",
            hint="Name a folder, or a URL that begins with s3://, gs:// or az://.",
        )
    parts = urlsplit(text)
    # In `abfss://container@account`, the name before the `@` is no user.
    has_user = "@" in parts.netloc and not scheme.startswith("abfs")
    if has_user or parts.query or parts.fragment or not parts.netloc:
        raise InputError(
            "the address of the store has no bucket, or has more than a bucket and a prefix",
            hint="Name it as s3://bucket/prefix, and set credentials in the environment.",
        )
    return StoreAddress(text.rstrip("/"), False)
