"""The facts that rules need of a commit besides its lineage."""

from collections.abc import Mapping

from msgspec import Struct, field

from lineage_diff.lineage.code_usage import IgnoreComment, UncommittedCode, Uses
from lineage_diff.lineage.evidence import NO_EVIDENCE, Evidence
from lineage_diff.lineage.history import RepeatedRun
from lineage_diff.lineage.lineage import Hidden, Kept


class RuleFacts(Struct, frozen=True):
    """Facts of a commit for the rules; a fact that was not collected is empty.

    `evidence` is that on the freshness of stages. `uses`: the files and params that commands and
    scripts use, by stage, for examined stages. `uncommitted`: locked versions of scripts that no
    commit has. `ignore_comments`: ignore comments. `configuration`: blob ids of this tool's own
    files, by path; `configuration_at`: for those behind links, the blob ids of all files on the
    way, by path. `fetch_settings`: a hash of the settings of data sources, by DVC configuration
    file. `value_lines`: the line of each key, by metrics or params file, for the requested files.
    `hidden`: DVC files of the base that the head hides from DVC, sorted by path.
    `kept`: where this commit keeps what stages of the base made and no stage makes here, by the
    path in the base. `repeated_runs`: earlier runs of stages that ran again on the same inputs,
    with other results.
    `edited_inputs`: of the tip of the base branch, the inputs of its stages that differ at the
    head from both base and tip; `models`: a model that each stage of the commit makes, itself or
    by stages downstream, by the stage's id; `dates_runs`: whether the change wrote a lock entry
    again that the tip has as well, so that the head's evidence dates it by the tip's history;
    `moved_inputs`: the inputs of stages of the head that differ at the tip from both base and head;
    `ignored_at_head`: pipelines that only the tip has, and locks, that Git ignores at the head.
    """

    evidence: Evidence = NO_EVIDENCE
    uses: Mapping[str, Uses] = field(default_factory=dict)
    uncommitted: tuple[UncommittedCode, ...] = ()
    ignore_comments: tuple[IgnoreComment, ...] = ()
    configuration: Mapping[str, str] = field(default_factory=dict)
    configuration_at: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fetch_settings: Mapping[str, str] = field(default_factory=dict)
    value_lines: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()
    kept: Mapping[str, Kept] = field(default_factory=dict)
    repeated_runs: tuple[RepeatedRun, ...] = ()
    edited_inputs: frozenset[str] = frozenset()
    models: Mapping[str, str] = field(default_factory=dict)
    dates_runs: bool = False
    moved_inputs: frozenset[str] = frozenset()
    ignored_at_head: frozenset[str] = frozenset()


NO_FACTS = RuleFacts()
