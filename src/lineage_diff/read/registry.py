"""The versions of a model registry that Git tags make, of which most repositories have none."""

from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.read import limits
from lineage_diff.read.git_process import GitFailed, GitProcess

_FORMAT = "--format=%(refname:strip=2)%00%(objecttype)%00%(*objectname)%00%(taggerdate:unix)"


def registry_versions(git: GitProcess) -> tuple[RegistryVersion, ...]:
    """Return all versions that were ever registered, by artifact in the order of their tags."""
    try:
        listing = git.run_up_to(limits.TAGS_BYTES, "for-each-ref", _FORMAT, "refs/tags")
    except GitFailed:
        return ()
    if not listing:
        return ()
    from lineage_diff.read.registry_tags import tags_in, versions_of

    return versions_of(tags_in(listing.decode("utf-8", "surrogateescape").splitlines()))
