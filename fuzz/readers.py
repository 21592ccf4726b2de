"""Every reader of what a pull request may hold, fed with mutated documents.

    python fuzz/readers.py TARGET [--runs N] [--seed N]

Guided by the lines that a document reaches (atheris). A reader may refuse with its own error; it
may not fail in another way, nor take long, nor disagree with the reader that it stands for.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz import seeds
from fuzz.memory import MemoryRepository
from lineage_diff.errors import InputError

BASE, HEAD = "b" * 40, "a" * 40
SOUND: Mapping[str, bytes] = {
    ".dvc/config": b"",
    "dvc.yaml": seeds.PIPELINE,
    "dvc.lock": seeds.LOCK,
    "params.yaml": seeds.YAML,
    "other.toml": seeds.TOML,
    "sub/metrics.json": seeds.JSON,
    "sub/loss.csv": seeds.CSV,
    "data/raw.csv.dvc": seeds.DVC_FILE,
    "src/prepare.py": seeds.PYTHON,
    ".dvcignore": seeds.IGNORE,
}


def yaml(data: bytes) -> None:
    """Values of YAML."""
    from lineage_diff.parsing.values_file import parse_values

    parse_values(data, "params.yaml")


def json(data: bytes) -> None:
    """Values of JSON."""
    from lineage_diff.parsing.values_file import parse_values

    parse_values(data, "metrics.json")


def toml(data: bytes) -> None:
    """Values of TOML."""
    from lineage_diff.parsing.values_file import parse_values

    parse_values(data, "params.toml")


def python(data: bytes) -> None:
    """Values of Python."""
    from lineage_diff.parsing.values_file import parse_values

    parse_values(data, "params.py")


def dvc_file(data: bytes) -> None:
    """A `.dvc` file."""
    from lineage_diff.dvc.pipeline.dvc_file import read_dvc_file

    read_dvc_file(data, "a.dvc")


def lock(data: bytes) -> None:
    """A lock by its blocks, and by YAML: both say the same, or the first says nothing."""
    from lineage_diff.dvc.lock.blocks import Blocks, find_blocks
    from lineage_diff.dvc.lock.lock_file import LockReader, _read_any
    from lineage_diff.errors import DamagedBlockError
    from lineage_diff.limits import USUAL
    from lineage_diff.parsing.yaml_loader import decode

    known = Blocks()
    layout = find_blocks(data, find_blocks(seeds.LOCK, None, known), known)
    # What is known of the blocks before they are read.
    paths = {block.name: set(block.paths) for block in layout.blocks} if layout else {}
    try:
        entries = layout.entries() if layout is not None else {}
    except DamagedBlockError:
        layout = None
    if layout is None:
        LockReader().read(data, "dvc.lock")
        return
    loaded = _read_any(decode(data, "dvc.lock"), "dvc.lock", USUAL)
    fast = {name: repr(entry) for name, entry in entries.items()}
    if loaded.problems or fast != {name: repr(entry) for name, entry in loaded.entries.items()}:
        raise AssertionError((fast, loaded))
    if paths != {name: set(entry.outs) for name, entry in entries.items()}:
        raise AssertionError((paths, entries))


def policy(data: bytes) -> None:
    """A configuration."""
    from lineage_diff.config.parser import parse_policy

    parse_policy(data, "lineage-diff.yml", ("stale-model", "stale-stage", "metric-missing"))


def ignore(data: bytes) -> None:
    """A `.dvcignore`, asked about some paths."""
    from lineage_diff.parsing.ignore_patterns import is_ignored, parse_ignore

    rules = parse_ignore(data.decode("utf-8", "replace"), "")
    for path in ("data/a/x", "keep.tmp", "folder", "a#"):
        is_ignored(path, False, rules)


def event(data: bytes) -> None:
    """The payload of an event."""
    from lineage_diff.github_action.runner.event import parse_event

    parse_event("pull_request", data, "event.json")


def report(data: bytes) -> None:
    """A saved report."""
    from lineage_diff.report.json_codec import ReportError
    from lineage_diff.report.report import decode_report

    try:
        decode_report(data, "report.json")
    except ReportError:
        return


def commit(data: bytes) -> None:
    """A whole comparison of two commits, one of whose files is the document."""
    from lineage_diff.diff.lineages import compare
    from lineage_diff.dvc.lineage_reader import LineageReader
    from lineage_diff.lineage.evidence import commit_alone
    from lineage_diff.lineage.policy import Policy
    from lineage_diff.render.options import ShowOptions
    from lineage_diff.render.rendering import render_report
    from lineage_diff.report.report import Revision, build_report, decode_report, encode_report
    from lineage_diff.rules.engine import check_rules
    from lineage_diff.rules.facts import RuleFacts

    names = sorted(SOUND)
    file = names[data[0] % len(names)] if data else names[0]
    reader = LineageReader(MemoryRepository({BASE: SOUND, HEAD: {**SOUND, file: data[1:]}}))
    base, head = (commit_alone(*reader.read_with_contents(each)) for each in (BASE, HEAD))
    change = compare(base, head, Policy(), {})
    findings, verdict = check_rules(
        change,
        base.lineage,
        head.lineage,
        Policy(),
        base_facts=RuleFacts(evidence=base.evidence),
        head_facts=RuleFacts(evidence=head.evidence),
    )
    made = build_report(
        change,
        findings,
        verdict,
        version="0",
        repository=None,
        base=Revision("main", BASE),
        head=Revision("head", HEAD),
        comparison="direct",
    )
    stored = encode_report(made)
    if encode_report(decode_report(stored, "report.json")) != stored:
        raise AssertionError(stored)
    for name in ("terminal", "markdown", "mermaid", "dot", "annotations"):
        render_report(name, made, ShowOptions())


TARGETS: Mapping[str, tuple[Callable[[bytes], None], bytes]] = {
    "yaml": (yaml, seeds.YAML),
    "json": (json, seeds.JSON),
    "toml": (toml, seeds.TOML),
    "python": (python, seeds.PYTHON),
    "dvc_file": (dvc_file, seeds.DVC_FILE),
    "lock": (lock, seeds.LOCK),
    "policy": (policy, seeds.POLICY),
    "ignore": (ignore, seeds.IGNORE),
    "event": (event, seeds.EVENT),
    "report": (report, b'{"schema_version": 1, "tool": {"name": "x", "version": "0"}}'),
    "commit": (commit, b"\x04" + seeds.PIPELINE),
}
# The document that seeds each target beside its first.
MORE: Mapping[str, tuple[bytes, ...]] = {
    "lock": (seeds.LOCK_1,),
    "commit": tuple(
        bytes([index]) + SOUND[name] for index, name in enumerate(sorted(SOUND)) if SOUND[name]
    ),
}


def read(target: str, data: bytes) -> None:
    """Feed a target; its own error is an answer."""
    try:
        TARGETS[target][0](data)
    except InputError as error:
        if not str(error).strip() or "\n" in str(error):
            raise AssertionError(str(error)) from error


def main() -> None:
    """Fuzz a target; ends with atheris' own exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=Path(".fuzz"))
    given = parser.parse_args()
    import atheris

    folder: Path = given.corpus / given.target
    folder.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate((TARGETS[given.target][1], *MORE.get(given.target, ()))):
        (folder / f"seed-{index}").write_bytes(seed)
    words = folder.with_suffix(".dict")
    words.write_text("".join(f'"{_spelt(word)}"\n' for word in seeds.WORDS), encoding="ascii")
    found: Any = _instrumented(atheris, given.target)
    options = [
        sys.argv[0],
        f"-runs={given.runs}",
        f"-seed={given.seed}",
        f"-dict={words}",
        f"-artifact_prefix={given.corpus}/",
        "-timeout=20",
        "-rss_limit_mb=1024",
        "-max_len=6000",
        "-print_final_stats=1",
        str(folder),
    ]
    atheris.Setup(options, found)
    atheris.Fuzz()


def _instrumented(atheris: Any, target: str) -> Callable[[bytes], None]:
    with atheris.instrument_imports(include=["lineage_diff"]):
        import lineage_diff.config.parser
        import lineage_diff.diff.lineages
        import lineage_diff.dvc.lineage_reader
        import lineage_diff.github_action.runner.event
        import lineage_diff.report.report  # noqa: F401
    return lambda data: read(target, data)


def _spelt(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
