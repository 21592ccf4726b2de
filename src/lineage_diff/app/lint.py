"""The rules that need one commit only, run before there is one: on what is staged or on disk."""

import os
from collections.abc import Callable

from msgspec import Struct

from lineage_diff import __version__
from lineage_diff.app.compare import Comparison, unreadable_parts
from lineage_diff.git.snapshot import Snapshot


class LintRequest(Struct, frozen=True):
    """What to check: the files on disk, or those `staged`. `files`, as they are named from the
    current folder, narrow what is reported; `config` is the configuration's path in the repository.
    """

    repo: str | os.PathLike[str] = "."
    files: tuple[str, ...] = ()
    staged: bool = False
    config: str | None = None


class OneSnapshot(Struct, frozen=True):
    """A repository of a single snapshot, for the reader."""

    files: Snapshot

    def snapshot(self, commit: str) -> Snapshot:
        """Return the snapshot, whatever is asked for."""
        return self.files


def _with_policy(files_at: Callable[[tuple[str, ...]], Snapshot], config: str | None) -> Snapshot:
    """List what holds the policy before all else: it may raise the bounds on that."""
    if config is None:
        found = files_at((".github",))
        # A link leads elsewhere.
        if not any(entry.kind == "symlink" for entry in found.files().values()):
            return found
    return files_at(())


def lint(request: LintRequest) -> Comparison:
    """Run the rules; the report holds findings alone. Raises `InputError` as `compare` does."""
    from lineage_diff.app.rule_facts import with_files, with_uses
    from lineage_diff.config.loader import read_policy
    from lineage_diff.dvc.lineage_reader import LineageReader, has_project
    from lineage_diff.errors import no_dvc
    from lineage_diff.git.repository import open_repository
    from lineage_diff.lineage.lineage import Lineage
    from lineage_diff.report.change import Change
    from lineage_diff.report.report import Revision, build_report
    from lineage_diff.rules.engine import judge, verdict_of
    from lineage_diff.rules.rule_names import rule_names

    repository = open_repository(request.repo)
    files_at = repository.index if request.staged else repository.files_on_disk
    where = "index" if request.staged else "work tree"
    policy = read_policy(_with_policy(files_at, request.config), request.config, rule_names)
    files = files_at()
    if not has_project(files):
        raise no_dvc(where)
    lineage = LineageReader(OneSnapshot(files)).read(files.commit)
    lineage = with_files(with_uses(lineage, files), files, request.config)
    nothing = Lineage(files.commit, silences=lineage.silences)
    findings, verdict = judge(Change(), nothing, lineage, policy, "lint")
    if request.files:
        wanted = _named(request.files, repository.work_tree)
        findings = tuple(finding for finding in findings if finding.file in wanted)
        verdict = verdict_of(findings)
    revision = Revision(where, files.commit)
    report = build_report(
        Change(),
        findings,
        verdict,
        version=__version__,
        repository=repository.remote_name(),
        base=revision,
        head=revision,
        comparison="direct",
    )
    return Comparison(report, unreadable_parts(lineage, findings), same_commit=True)


def _named(files: tuple[str, ...], root: str | None) -> frozenset[str]:
    """Return the files' paths in the repository; a link in a folder above it does not matter."""
    top = os.path.realpath(root or ".")
    found = set()
    for file in files:
        folder, name = os.path.split(os.path.abspath(file))
        found.add(os.path.relpath(os.path.join(os.path.realpath(folder), name), top))
    return frozenset(path.replace(os.sep, "/") for path in found)
