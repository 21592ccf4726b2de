"""Comments in `dvc.yaml` that silence rules: `# lineage-diff: ignore[rule, …] reason`."""

import re
from collections.abc import Iterator

from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.code_usage import Silence
from lineage_diff.lineage.lineage import Lineage

_COMMENT = re.compile(r"#\s*lineage-diff:\s*ignore\[(?P<rules>[\w\-, ]+)\]\s*(?P<reason>.*\S)?")


def read_silences(snapshot: Snapshot, lineage: Lineage) -> tuple[Silence, ...]:
    """Return the comments in a commit's pipelines that name a rule.

    A comment speaks for its own line, or from a line of its own for the next that is no comment.
    """
    found: list[Silence] = []
    for pipeline in lineage.pipelines:
        target = snapshot.resolve(pipeline.file)
        entry = snapshot.entry(target) if target is not None else None
        if entry is not None:
            for _, content in snapshot.read_oids([entry.oid]):
                if b"lineage-diff:" in content:
                    found += silences_in(content.decode("utf-8", "replace"), pipeline.file)
    return tuple(found)


def silences_in(text: str, file: str) -> Iterator[Silence]:
    """Yield the comments of one file; the reason is empty where there is none."""
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
            yield Silence(file, number, rules, reason, anchor)
        waiting = []
