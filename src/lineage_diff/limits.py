"""The bounds of everything that is read from a repository, each with its reason.

Those of `Limits` a team can set otherwise, by the key `limits` of the base's configuration: they
are passed to what reads. The others are constants.
"""

from msgspec import Struct

BLOB_BYTES = 100 * 1024 * 1024
"""The largest blob that is read: GitHub refuses to store a larger one."""

CACHED_BLOB_BYTES = 1024 * 1024
"""The largest blob that stays in memory: DVC and values files are smaller, data need not stay."""

CACHE_BYTES = 32 * 1024 * 1024
"""All blobs that stay in memory together: both sides' DVC files of a large repository fit."""

BATCH = 256
"""Blobs asked of Git at once: 256 ids of 65 bytes never fill a pipe, so neither side waits."""

SYMLINKS = 40
"""Links followed for one path: Linux gives up after as many (`ELOOP`)."""

SYMLINK_BYTES = 4096
"""The longest target of a symlink that is followed: Linux' `PATH_MAX`."""

HISTORY_BYTES = 128 * 1024 * 1024
"""Output of `git log --raw` that is kept: a million changed paths."""

NAMES = 5_000
"""Branches and tags among which a misspelt revision is sought."""

TAGS_BYTES = 32 * 1024 * 1024
"""The listing of all tags: a quarter of a million of them."""

ASKED_PATHS = 32
"""Paths of old commits asked of Git at once: with `ASKED_PATH` they never fill a pipe."""

ASKED_PATH = 1024
"""The longest such path: a longer one is no metrics file of a person."""

REGISTRY_COMMITS = 300
"""Tagged commits that are read for what their registry versions are: a few seconds of work."""

THEN_COMMITS = 20
"""Commits of the past of which freshness is judged for one report: a few seconds of work."""

TRACED = 500_000
"""Runs and inputs that the traces of one report name together: some ten seconds of work."""

IMPACT_STEPS = 5_000_000
"""Inputs of all versions of all models that one question of impact looks at: half a minute."""

SIDE_LINES = 300
"""Lines of commits beside the first parents that are read for one history: some seconds of work."""

INTEGER_DIGITS = 1_000
"""Digits of one integer: Python refuses to write one of more than 4,300."""

CHILD_SECONDS = 30
"""Seconds of a processor that Git and Graphviz may use together, and one second more for each."""

WAITING_SECONDS = 3.0
"""How long Git lists a work tree before pipes are looked for that it may wait for."""

IGNORE_RULES = 2_000
"""Patterns of one `.dvcignore`, each of which every path is held to."""

PLOT_FILES = 2_000
"""Files of one folder that a plot names: a person compares no more."""

HIDDEN_FILES = 50
"""DVC files that a change hides of which is sought what hides them: a person reads no more."""

HIDING_RULES = 2_000
"""Rules, times the folders of the path, that are tried to name the one that hides a file."""

POLICY_BYTES = 256 * 1024
"""The largest configuration file: people write it by hand."""

VALUE_LINES_BYTES = 1024 * 1024
"""Values files that are read again for the lines of their keys: a second of work."""

PYTHON_VALUES_BYTES = 256 * 1024
"""The largest Python file of params: the parser takes far more memory than the text."""

PYTHON_VALUES_DEPTH = 60
"""How deep brackets may go in a Python file of params: deeper ones exhaust the parser's stack."""

SCRIPT_BYTES = 512 * 1024
"""The largest script that is parsed: people write scripts by hand."""

COMMANDS = 2_000
"""Commands cut into words for each commit, those of changed stages first: a tenth of a second."""

MODULES = 200
"""Modules of the repository followed from one script."""

LITERAL_PATHS = 200
"""Files that `git log` is asked for by their paths; more are asked for by their names."""

DATED_STAGES = 100
"""Stale stages of which the commit that locked them is sought: a person reads no more."""

DATED_BYTES = 8 * 1024 * 1024
"""Old lock files that are read for that: it is said where it is quickly found."""

LOCKED_COMMITS = 32
"""Commits whose stages are read again for what changed since a lock entry was written."""

LOCKED_STAGES = 20_000
"""Stages that are read again so, of all those commits: a second of work."""

MLFLOW_SECONDS = 60.0
"""All that is asked of an MLflow server for one answer: nobody waits longer for an extra."""

MLFLOW_REQUEST_SECONDS = 20.0
"""One request of it, tries again included: a search takes a large server some seconds."""

MLFLOW_BYTES = 32 * 1024 * 1024
"""The largest answer to one request: `MLFLOW_PAGE` runs with some 300 KB of params each."""

MLFLOW_PAGE = 100
"""Runs asked for at once: a few metrics and params of each are some hundred kilobytes."""

MLFLOW_PAGES = 200
"""Pages of one search: 20,000 runs, or 200,000 experiments."""

MLFLOW_WORTH = 5
"""Commits that a server finds one by one in the time in which it writes out one page of runs."""

MLFLOW_DATA_TAGS = 400
"""Data versions written onto one run: a person reads no more tags."""

PLOT_BYTES = 4 * 1024 * 1024
"""The largest file of points that is drawn: some hundred thousand rows, more than a screen has."""

PLOT_CELLS = 100_000
"""Values of one plot, over all its series and both sides: a second of drawing."""

PLOTS_CELLS = 400_000
"""Values of all plots of one report: it stays well below the largest report that is read."""

PLOT_IMAGE_BYTES = 2 * 1024 * 1024
"""The largest image that is shown: GitHub shows larger ones slowly, a person scales them down."""

PLOT_IMAGES_BYTES = 16 * 1024 * 1024
"""All images of one report."""

PLOT_TEMPLATE_BYTES = 256 * 1024
"""The largest template of a plot: people write them by hand."""

FETCH_OBJECTS = 400
"""Objects of storage that are read for one report: at some 50 ms each they fit the time below."""

FETCH_OBJECT_BYTES = 32 * 1024 * 1024
"""The largest such object: a listing of a quarter of a million files; what is larger is data."""

FETCH_BYTES = 128 * 1024 * 1024
"""All such objects of one report: a minute's work of a slow line."""

FETCH_OBJECT_SECONDS = 20.0
"""One such object, with the start of DVC's own code: a storage that is slower is out of order."""

FETCH_SECONDS = 60.0
"""All such objects of one report: nobody waits longer for an extra."""

FETCH_FAILURES = 3
"""Objects that a storage may fail to give, other than by not having them, before it is given up."""

STORAGE_CONFIG_BYTES = 1024 * 1024
"""What is read of DVC's configuration in the work tree: people write it by hand."""

LISTED_FILES = 500_000
"""Files of all listings of one report that are held in memory."""

STAGES_TEXT = 64 * 1024 * 1024
"""Characters of all that one `foreach` or `matrix` generates: they are held twice."""

DVC_FILE_BYTES = 16 * 1024 * 1024
"""The largest `dvc.yaml` or `.dvc` file: one of 50,000 stages is half as large."""

LOCK_BYTES = 64 * 1024 * 1024
"""The largest `dvc.lock`: one of 50,000 stages is a third as large."""

DVC_BYTES = 128 * 1024 * 1024
"""All DVC files of one commit: their texts are held in memory together."""

DVC_FILE_OUTS = 100_000
"""Outs of one `.dvc` file: a quarter of a gigabyte."""


class Limits(Struct, frozen=True):
    """Limits that a legitimate large repository may hit, and so may raise."""

    content_bytes: int = 2 * 1024 * 1024 * 1024
    """All that is hashed to judge freshness: some seconds of work."""

    history_commits: int = 10_000
    """Commits between base and head that are searched for causes: no review reads more."""

    lock_history_bytes: int = 64 * 1024 * 1024
    """Old lock files that are read to find since when entries stand: half a second of work."""

    plots: int = 200
    """Plots that are drawn for one report: nobody looks at more."""

    scripts: int = 400
    """Scripts and modules parsed for one comparison: a fraction of a second of work."""

    scripts_bytes: int = 3 * 1024 * 1024
    """All text that is parsed for one comparison: some two seconds of work."""

    stages: int = 60_000
    """Stages of one commit, generated ones too: half a gigabyte, and some ten seconds of work."""

    tree_bytes: int = 128 * 1024 * 1024
    """The listing of one commit, with the ids: a million paths of some seventy characters."""

    tree_paths: int = 1_000_000
    """Files and folders of one commit: half a gigabyte; Linux has a hundred thousand."""

    values_bytes: int = 8 * 1024 * 1024
    """The largest metrics or params file: half a gigabyte of values, more than anybody reads."""

    work_steps: int = 40_000_000
    """Steps of loops over what one commit chose, all together: some ten seconds of work."""

    yaml_nodes: int = 1_500_000
    """Values of one YAML text, aliases expanded: 700 MB, and some ten seconds of work."""


USUAL = Limits()


def key(name: str) -> str:
    """Return how the configuration calls a limit: `values-bytes` for `values_bytes`."""
    return name.replace("_", "-")


KEYS = tuple(key(name) for name in Limits.__struct_fields__)
