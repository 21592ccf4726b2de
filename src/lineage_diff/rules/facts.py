"""What the rules know of a commit besides what its DVC files say."""

from collections.abc import Mapping

from msgspec import Struct, field

from lineage_diff.lineage.code_usage import Silence, UncommittedCode, Uses
from lineage_diff.lineage.lineage import Hidden


class RuleFacts(Struct, frozen=True):
    """What was looked at in a commit for the rules; nothing where it was not looked at.

    `uses` holds, by stage, what commands and scripts use, for the stages that were looked at;
    `uncommitted` the scripts in locks that no commit holds; `silences` the comments that silence
    rules; `configuration` the blob ids of this tool's own files, by path, and `configuration_at`
    what is read for those that links lead to, by path as well; `fetch_settings`, by DVC
    configuration, a hash of what says where data is fetched. `value_lines` holds, by metrics or
    params file, the line of each key, for the files asked for. `hidden` are the DVC files of the
    base that a head keeps out of DVC's sight, by path.
    """

    uses: Mapping[str, Uses] = field(default_factory=dict)
    uncommitted: tuple[UncommittedCode, ...] = ()
    silences: tuple[Silence, ...] = ()
    configuration: Mapping[str, str] = field(default_factory=dict)
    configuration_at: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fetch_settings: Mapping[str, str] = field(default_factory=dict)
    value_lines: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()


NO_FACTS = RuleFacts()
