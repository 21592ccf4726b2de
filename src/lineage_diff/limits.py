"""The limits of everything that is read from a repository, each with its reason.

A team can change those of `Limits` by the key `limits` of the base's configuration; they are
passed to the readers. The others are constants.
"""

from msgspec import Struct

BLOB_BYTES = 100 * 1024 * 1024
"""The largest blob that is read: GitHub refuses to store a larger one."""

CACHED_BLOB_BYTES = 1024 * 1024
"""The largest blob that is cached in memory: DVC and values files are smaller than data."""

CACHE_BYTES = 32 * 1024 * 1024
"""All blobs cached in memory: enough for the DVC files of two commits of a large repository."""

PIPE_BYTES = 4096
"""What every pipe holds: Linux gives one page to a user who has many (`pipe(7)`)."""

BATCH = 63
"""Blobs requested from Git at once: 63 ids of 65 bytes never fill a pipe, so nothing blocks."""

SYMLINKS = 40
"""Links followed for one path: the limit of Linux (`ELOOP`)."""

SYMLINK_BYTES = 4096
"""The longest target of a symlink that is followed: Linux' `PATH_MAX`."""

HISTORY_BYTES = 128 * 1024 * 1024
"""Output of `git log --raw` that is kept: a million changed paths."""

NAMES = 5_000
"""Branches and tags searched for names similar to a misspelt revision."""

TAGS_BYTES = 32 * 1024 * 1024
"""The listing of all tags: enough for a quarter of a million."""

ASKED_PATHS = 32
"""Paths of one folder of an old commit that are looked up one by one: of more, it is listed."""

ASKED_PATH = 1024
"""The longest such path: no real metrics file has a longer one."""

REGISTRY_COMMITS = 300
"""Tagged commits that are read for their registry versions: a few seconds of work."""

NOISE_FILES = 20
"""Metrics files whose history is read for the noise of their values, for one report."""

NOISE_COMMITS = 2_000
"""First parents that are searched for earlier values of a metric: some ten milliseconds."""

NOISE_VALUES = 50
"""Earlier values of a metric that its noise is estimated from, the newest."""

NOISE_LARGEST = 1e150
"""The largest number with noise: differences of larger ones are no floats."""

REMADE_VERSIONS = 100
"""Versions of models that are looked for in the remote for one report: each is a commit to read."""

THEN_COMMITS = 20
"""Past commits whose freshness is checked for one report: a few seconds of work."""

TRACED = 500_000
"""Runs, deps, outs, inputs and params in all traces of one report: some seconds of work."""

TRACED_TIMES = 4
"""And as many times those that the commit records: a large repository has large traces."""

IMPACT_STEPS = 5_000_000
"""Inputs of all versions of all models that one impact query visits: half a minute."""

CLOSURE_VERSIONS = 50_000
"""Versions behind one version of a model in the tables of an organization: a screenful is 50."""

CLOSURE_STEPS = 10_000_000
"""Inputs visited for all of a repository's versions of models: some ten seconds of work."""

ELSEWHERE_PATHS = 200
"""Paths of one change that the tables of an organization are asked for."""

ELSEWHERE_SECONDS = 30.0
"""Seconds for that answer: it is an optional extra."""

SIDE_LINES = 300
"""Branches beside the first parents that are read for one history: some seconds of work."""

INTEGER_DIGITS = 1_000
"""Digits of one integer: Python does not convert more than 4,300 to text."""

CHILD_SECONDS = 30
"""Seconds of a processor that Git and Graphviz may use together, and one second more for each."""

WAITING_SECONDS = 3.0
"""Seconds that Git lists a work tree before a search for named pipes that may block it."""

IGNORE_RULES = 2_000
"""Patterns of one `.dvcignore`: each path is matched with all of them."""

PLOT_FILES = 2_000
"""Files of one folder of a plot: more cannot be compared by eye."""

HIDDEN_FILES = 50
"""DVC files hidden by a change whose cause is searched for: more would not be read."""

HIDING_RULES = 2_000
"""Ignore rules, times the folders of the path, tried to find the one that hides a file."""

POLICY_BYTES = 256 * 1024
"""The largest configuration file: people write it by hand."""

CODEOWNERS_BYTES = 3 * 1024 * 1024
"""The largest file of code owners: GitHub loads no larger one."""

CODEOWNERS_LINES = 20_000
"""Lines of it that are read: a second of work."""

CARDS = 100
"""Models of one change whose owners are looked up: more would not be read."""

CARD_TEXT = 300
"""Characters of one text that a pipeline says of a model."""

CARD_NAMES = 30
"""Consumers, labels or owners of one model."""

MENTIONS = 10
"""Owners that one comment mentions: each gets a message."""

VALUE_LINES_BYTES = 1024 * 1024
"""Bytes of values files that are read again for the lines of their keys: a second of work."""

PYTHON_VALUES_BYTES = 256 * 1024
"""The largest Python file of params: the parser takes far more memory than the text."""

PYTHON_VALUES_DEPTH = 60
"""How deep brackets may go in a Python file of params: deeper ones exhaust the parser's stack."""

PYTHON_FIELDS = 1_000
"""Fields of one formatted string in Python: the parser's time grows with their square."""

SCRIPT_BYTES = 512 * 1024
"""The largest script that is parsed: people write scripts by hand."""

COMMANDS = 2_000
"""Commands cut into words for each commit, those of changed stages first: a tenth of a second."""

MODULES = 200
"""Modules of the repository followed from one script."""

IMPORTS = 300_000
"""Imports of all modules looked up for one comparison: some two seconds of work."""

SINCE_COMMITS = 1_000
"""Commits searched for those that made a branch stale: a tenth of a second."""

SINCE_RUNS = 20
"""Last runs of stages whose later commits are listed, for one branch: each asks Git once."""

LITERAL_PATHS = 200
"""Files passed to `git log` by path; if there are more, they are passed by name."""

DATED_STAGES = 100
"""Stale stages whose locking commit is searched for: more would not be read."""

DATED_BYTES = 8 * 1024 * 1024
"""Bytes of old lock files read in that search: the commit is reported only if found quickly."""

LOCKED_COMMITS = 32
"""Commits whose stages are read again to find changes since a lock entry was written."""

LOCKED_STAGES = 20_000
"""Stages of all those commits that are read again: a second of work."""

MLFLOW_SECONDS = 60.0
"""Seconds for all requests to an MLflow server for one report: it is an optional extra."""

MLFLOW_REQUEST_SECONDS = 20.0
"""Seconds for one such request with its retries: a search takes a large server some seconds."""

MLFLOW_BYTES = 32 * 1024 * 1024
"""The largest answer to one request: `MLFLOW_PAGE` runs with some 300 KB of params each."""

MLFLOW_PAGE = 100
"""Runs requested at once: with a few metrics and params each, some hundred kilobytes."""

MLFLOW_PAGES = 200
"""Pages of one search: 20,000 runs, or 200,000 experiments."""

MLFLOW_USED = 50
"""Versions with an alias or a stage that are looked up, with their runs: a second of requests."""

MLFLOW_WORTH = 5
"""Searches for one commit that take a server as long as one page of runs."""

MLFLOW_DATA_TAGS = 400
"""Data versions written as tags of one run: more would not be read."""

PLOT_BYTES = 4 * 1024 * 1024
"""The largest file of points that is drawn: some hundred thousand rows, more than a screen has."""

PLOT_CELLS = 100_000
"""Values of one plot, over all its series and both sides: a second of drawing."""

PLOTS_CELLS = 400_000
"""Values of all plots of one report: it stays well below the largest report that is read."""

PLOTS_PARSED = 1_000_000
"""Values of all files that are parsed for the plots of one report: two seconds."""

PLOTS_KEPT = 200_000
"""Values of files that are kept for other plots of one report that use them, too: 30 MB."""

PLOT_IMAGE_BYTES = 2 * 1024 * 1024
"""The largest image that is shown: GitHub shows larger ones slowly, so users scale them down."""

PLOT_IMAGES_BYTES = 16 * 1024 * 1024
"""All images of one report."""

PLOT_TEMPLATE_BYTES = 256 * 1024
"""The largest template of a plot: people write them by hand."""

FETCH_OBJECTS = 400
"""Objects read from storage for one report: at some 50 ms each they fit `FETCH_SECONDS`."""

FETCH_OBJECT_BYTES = 32 * 1024 * 1024
"""The largest such object: a listing of a quarter of a million files; larger ones are data."""

FETCH_BYTES = 128 * 1024 * 1024
"""All such objects of one report: a minute of a slow connection."""

FETCH_OBJECT_SECONDS = 20.0
"""Seconds for one such object, with the start of DVC's code: slower storage counts as failed."""

FETCH_MODEL_SECONDS = 900.0
"""Seconds to read one model for its SHA-256, when asked to: ten gigabytes at 100 Mbit/s."""

FETCH_SECONDS = 60.0
"""Seconds for all such objects of one report: they are an optional extra."""

PUSHED_OBJECTS = 500_000
"""Objects that one report looks for in storage: as many as listings may name."""

PUSHED_SECONDS = 120.0
"""Seconds to look for all of them: a remote with a million objects is listed in about a minute."""

ASKED_ONE_BY_ONE = 256
"""Up to as many objects are asked for one by one: to list a remote takes at least 256 requests."""

FETCH_FAILURES = 3
"""Failed objects, other than missing ones, after which a storage is no longer used."""

STORAGE_CONFIG_BYTES = 1024 * 1024
"""Bytes read of DVC's configuration in the work tree: people write it by hand."""

LISTED_FILES = 500_000
"""Files of all listings of one report that are held in memory."""

EXPERIMENTS = 50
"""Revisions in one table: each is read as a comparison is, and a table of more is not read."""

REVIEWED_EXPERIMENTS = 20
"""Experiments in the report of one change."""

EXPERIMENT_BASES = 100
"""Commits of a pull request, the newest ones, for whose experiments the server is asked."""

EXPERIMENT_SECONDS = 60.0
"""Seconds to fetch the experiments of a pull request: they are an optional extra."""

EXPERIMENT_REFS_BYTES = 4 * 1024 * 1024
"""The list of a repository's experiments: some thirty thousand."""

REPEATED_LOCKS = 10
"""Lock files of one change in whose history earlier runs on the same inputs are looked for."""

REPEATED_RUNS = 10
"""Earlier runs of one change whose code is compared with the code now: some milliseconds each."""

REPEATED_BYTES = 4 * 1024 * 1024
"""Bytes of old versions of one lock file that are read for it: fifty versions of 80 kB."""

STAGES_TEXT = 64 * 1024 * 1024
"""Characters that one `foreach` or `matrix` generates: they are held in memory twice."""

DVC_FILE_BYTES = 16 * 1024 * 1024
"""The largest `dvc.yaml` or `.dvc` file: one of 50,000 stages is half as large."""

LOCK_BYTES = 64 * 1024 * 1024
"""The largest `dvc.lock`: one of 50,000 stages is a third as large."""

DVC_BYTES = 128 * 1024 * 1024
"""All DVC files of one commit: their texts are held in memory together."""

DVC_FILE_OUTS = 100_000
"""Outs of one `.dvc` file: a quarter of a gigabyte."""

STAGE_OUTS = 16
"""Outs of one stage that are counted with it: nearly all have fewer."""

STAGE_BYTES = 400
"""Bytes of DVC files that give room for one more stage of a `dvc.yaml`, and one more of their outs.

A usual stage takes 640 with its lock entry, and more in most public repositories; one that a
template generates takes 418.
"""

FREE_PART = 10
"""Any commit may have one in so many of `stages`, however small its DVC files are.

Only templates that never ran give more.
"""

OUTS_OF_STAGES = 2
"""All outs of one commit, in times its stages: each may be a model, as costly as a stage."""

MORE_OUTS = 40_000
"""All other outs of one commit, and its artifacts: three seconds of work where each is a model."""


ARGUMENT_CHARACTERS = 1_000
"""The longest argument of an assistant's question: names and paths are shorter."""

ASSISTANT_BYTES = 40_000
"""The largest answer to an assistant: some 10,000 of the tokens that it can read."""

ASSISTANT_QUESTIONS = 2
"""Questions of an assistant that are answered at once: each is a process."""


class Limits(Struct, frozen=True):
    """Limits that a legitimate large repository may hit, and so may raise."""

    content_bytes: int = 2 * 1024 * 1024 * 1024
    """Bytes hashed to check freshness: some seconds of work."""

    history_commits: int = 10_000
    """Commits between base and head that are searched for causes: no review reads more."""

    lock_history_bytes: int = 64 * 1024 * 1024
    """Bytes of old lock files read to find the commits of entries: half a second of work."""

    plots: int = 200
    """Plots that are drawn for one report: more would not be read."""

    scripts: int = 400
    """Scripts and modules parsed for one comparison: a fraction of a second of work."""

    scripts_bytes: int = 3 * 1024 * 1024
    """Bytes of scripts parsed for one comparison: some two seconds of work."""

    stages: int = 60_000
    """Stages of one commit, fewer where its DVC files are small: half a gigabyte, ten seconds."""

    tree_bytes: int = 128 * 1024 * 1024
    """The listing of one commit, with the ids: a million paths of some seventy characters."""

    tree_paths: int = 1_000_000
    """Files and folders of one commit: half a gigabyte; Linux has a hundred thousand."""

    values_bytes: int = 8 * 1024 * 1024
    """The largest metrics or params file: its values take half a gigabyte of memory."""

    work_steps: int = 40_000_000
    """Steps of all loops over content that one commit controls: some ten seconds of work."""

    yaml_nodes: int = 1_500_000
    """Values of one YAML text, aliases expanded: 250 MB, and some ten seconds of work."""


USUAL = Limits()


def key(name: str) -> str:
    """Return the name of a limit in the configuration: `values-bytes` for `values_bytes`."""
    return name.replace("_", "-")


KEYS = tuple(key(name) for name in Limits.__struct_fields__)
