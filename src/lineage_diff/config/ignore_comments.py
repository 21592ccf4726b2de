"""Read ignore comments in `dvc.yaml`: `# lineage-diff: ignore[rule, …] reason`."""

import re
from collections.abc import Iterator

from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.lineage import Lineage

_COMMENT = re.compile(r"#\s*lineage-diff:\s*ignore\[(?P<rules>[\w\-, ]+)\]\s*(?P<reason>.*\S)?")


def read_ignore_comments(snapshot: Snapshot, lineage: Lineage) -> tuple[IgnoreComment, ...]:
    """Return the ignore comments in a commit's pipelines.

    A comment applies to its own line; alone on a line, to the next line that is not a comment.
    """
    found: list[IgnoreComment] = []
    for pipeline in lineage.pipelines:
        target = snapshot.resolve(pipeline.file)
        entry = snapshot.entry(target) if target is not None else None
        if entry is not None:
            for _, content in snapshot.read_oids([entry.oid]):
                if b"lineage-diff:" in content:
                    found += ignore_comments_in(content.decode("utf-8", "replace"), pipeline.file)
    return tuple(found)


def ignore_comments_in(text: str, file: str) -> Iterator[IgnoreComment]:
    """Yield the ignore comments of one file; a missing reason is empty."""
    waiting: list[tuple[tuple[str, ...], str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _COMMENT.search(line)
        if match is not None:
            rules = tuple(rule.strip() for rule in match["rules"].split(",") if rule.strip())
            waiting.append((rules, match["reason"] or ""))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        anchor = line.partition("#")[0].strip()
        for rules, reason in waiting:
            yield IgnoreComment(file, number, rules, reason, anchor)
        waiting = []
