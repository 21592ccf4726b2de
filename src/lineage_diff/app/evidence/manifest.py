"""The manifest of a folder of evidence, schema version 1."""

import json
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from lineage_diff.errors import InputError
from lineage_diff.render.evidence.content import EvidenceVersion, OmittedFile
from lineage_diff.report.report import Tool

MANIFEST: Final = "manifest.json"
# No other name of a commit: it may be looked up on a server.
_COMMIT: Final = r"^(?:[0-9a-f]{40}|[0-9a-f]{64})\Z"


class EvidenceFile(Struct, frozen=True):
    """A file of the folder, with the SHA-256 of its bytes and its size in bytes.

    A `given` file was handed in, such as a record of a gate: Git alone cannot make it again.
    """

    name: str
    sha256: str
    size: int
    given: bool = False


class Manifest(Struct, frozen=True, kw_only=True):
    """The manifest: what the folder is about, and all its other files, sorted by name.

    `repository` is the address of its page, `None` if unknown; `config` the path of the
    configuration in the commit, `None` for the default path. `model` is the path of the model, a
    byte that is not UTF-8 as a lone surrogate.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: str | None
    commit: Annotated[str, Meta(pattern=_COMMIT)]
    model: str
    version: EvidenceVersion | None
    config: str | None
    files: tuple[EvidenceFile, ...]
    left_out: tuple[OmittedFile, ...] = ()


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as JSON in ASCII."""
    # Python's JSON keeps a lone surrogate as its escape; msgspec's does not write it.
    return json.dumps(msgspec.to_builtins(manifest), indent=2).encode("ascii") + b"\n"


def read_manifest(data: bytes) -> Manifest:
    """Return the manifest in some bytes. Raises `InputError` for anything else."""
    try:
        return msgspec.convert(json.loads(data), Manifest)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"no manifest of a folder of evidence: {error}",
            hint="Write the folder again with `lineage-diff evidence`.",
            file=MANIFEST,
        ) from error
