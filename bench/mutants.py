"""Test a seeded sample of mutants by mutmut, so many of each module, and show the survivors.

    python bench/mutants.py [--seed N] [--each N] [--only PART] [--mutant NAME …]

A mutant is a module with one small change. It is killed when a test fails; the first one ends it.
Read each survivor: either it is the same program, or a test lacks. One whose tests did not end in
time, or crashed, is neither: test it again by its name, on a quiet machine.
"""

import argparse
import json
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / "mutants"
# The modules that decide what is said, and the tests that hold them and are quick to run.
GROUPS = {
    "action": (
        "github_action/activity github_action/untrusted_report",
        "action/test_activity action/test_untrusted_report",
    ),
    "audit": (
        "audit/causes audit/history audit/impact audit/ledger audit/trace",
        "audit/test_answers audit/test_ledger_paths audit/test_run_differences "
        "audit/test_runs_over_time audit/test_step_causes diff/test_made_params",
    ),
    "config": (
        "config/loader config/parser config/validation",
        "config/test_policy config/test_shared test_written",
    ),
    "content": (
        "dvc/hashes dvc/metrics_and_params dvc/contents/reader dvc/contents/tree",
        "app/test_limits diff/test_no_number dvc/test_contents dvc/test_dvc_hash "
        "dvc/test_param_keys dvc/test_value_lines dvc/test_values freshness/test_other_reasons "
        "freshness/test_settled_by_history rules/test_lost_in_a_submodule",
    ),
    "diff": (
        "diff/causes diff/data diff/graph diff/impact diff/metric_direction diff/metrics "
        "diff/models diff/stages diff/values",
        "diff/test_causes diff/test_files_of_data diff/test_graph diff/test_ignored_code "
        "diff/test_made_params diff/test_metric_causes diff/test_metric_regressed "
        "diff/test_no_number diff/test_parts diff/test_renamed_deps diff/test_unknown_metrics "
        "diff/test_values diff/test_whole_changes history/test_metric_noise "
        "lineage/test_artifacts lineage/test_models rules/test_unexplained_metric",
    ),
    "forge": (
        "forge/github/marker forge/github/comments/plan forge/github/comments/writer "
        "forge/github/images",
        "publish/test_comment publish/test_comment_plan publish/test_comment_writer "
        "publish/test_images publish/test_leftovers publish/test_marker",
    ),
    "freshness": (
        "freshness/content_match freshness/lock_check freshness/params "
        "freshness/stages history/since_locked",
        "app/test_status freshness/test_freshness freshness/test_other_reasons "
        "freshness/test_reasons freshness/test_settled_by_history freshness/test_stale_before",
    ),
    "history": (
        "history/lock_blame history/timeline",
        "audit/test_answers audit/test_runs_over_time history/test_lock_history "
        "history/test_timeline",
    ),
    "ignore": ("parsing/ignore_patterns", "parsing/test_ignore parsing/test_ignore_work"),
    "lock": (
        "dvc/lock/blocks dvc/lock/fast_parser dvc/lock/lock_file",
        "dvc/test_lock_file dvc/test_lock_series history/test_lock_history history/test_timeline",
    ),
    "rules": (
        "lineage/models rules/engine rules/suppression",
        "lineage/test_artifacts lineage/test_models rules/test_comment_at_a_stage "
        "rules/test_places rules/test_rules rules/test_suppression rules/test_verdicts",
    ),
}
MODULES = " ".join(modules for modules, _ in GROUPS.values()).split()
# What says that the tests ended: a slow machine, or one without memory, is no failing test.
ENDED = {"killed", "survived", "no tests"}


def main() -> None:
    """Make the mutants, test the sample by groups, and print what came of it."""
    asked = arguments()
    os.chdir(ROOT)
    groups = {
        name: (modules.split(), tests.split())
        for name, (modules, tests) in GROUPS.items()
        if asked.only in name
    }
    # Tests that are gone must not stay in the copy.
    for folder in ("tests", "templates"):
        shutil.rmtree(COPY / folder, ignore_errors=True)
    COPY.mkdir(exist_ok=True)
    in_process(make, asked.jobs)
    names: list[str] = []
    for group, (modules, tests) in groups.items():
        known = results(modules)
        chosen = sample(known, asked.seed, asked.each)
        if asked.mutant:
            chosen = [name for name in asked.mutant if name in known]
        if not chosen:
            continue
        names += chosen
        print(f"\n{group}: {len(chosen)} mutants of {len(modules)} modules", flush=True)
        in_process(run, tests, chosen, asked.jobs)
        for name, status in statuses(chosen).items():
            if status != "killed":
                print(f"\n{status}: {name}\n{shown(name)}", flush=True)
    which = (
        "The named mutants" if asked.mutant else f"Seed {asked.seed}, {asked.each} of each module"
    )
    print(f"\n{which}\n\n{table(statuses(names))}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default: 1)")
    parser.add_argument("--each", type=int, default=3, help="mutants of each module (default: 3)")
    parser.add_argument(
        "--only", default="", metavar="PART", help="groups whose name has this part"
    )
    parser.add_argument(
        "--mutant",
        action="append",
        default=[],
        metavar="NAME",
        help="this one, instead of a sample",
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    return parser.parse_args()


def in_process(function: Callable[..., None], *values: object) -> None:
    """Call a function in a process of its own, because mutmut keeps what it learned of tests."""
    process = get_context("fork").Process(target=function, args=values)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(process.exitcode)


def configure(tests: Iterable[str] = ()) -> None:
    """Set the modules, always all of them, for mutmut restores the others; and the tests."""
    from mutmut.configuration import config

    config().only_mutate = [f"src/lineage_diff/{module}.py" for module in MODULES]
    config().pytest_add_cli_args_test_selection = [f"tests/{test}.py" for test in tests]


def make(jobs: int) -> None:
    """Write the mutants of all modules; those of unchanged modules stay."""
    from mutmut import __main__ as mutmut

    configure()
    print("Making the mutants …", flush=True)
    for module in MODULES:
        file = COPY / f"src/lineage_diff/{module}.py"
        # One that an interrupted run left without its list of mutants.
        if not file.with_name(f"{file.name}.meta").exists():
            file.unlink(missing_ok=True)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        mutmut.copy_src_dir()
        mutmut.copy_also_copy_files()
        mutmut.setup_source_paths()
        mutmut.create_mutants(jobs)


def run(tests: list[str], names: list[str], jobs: int) -> None:
    """Learn which of the tests run which function, and test the mutants by them."""
    from mutmut import __main__ as mutmut

    configure(tests)
    (COPY / "mutmut-stats.json").unlink(missing_ok=True)
    mutmut._run(names, jobs)


def results(modules: Iterable[str]) -> dict[str, int | None]:
    """Return the exit code of each mutant's tests, `None` before they ran."""
    found: dict[str, int | None] = {}
    for module in modules:
        file = COPY / f"src/lineage_diff/{module}.py.meta"
        found.update(json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"])
    return found


def sample(mutants: Iterable[str], seed: int, each: int) -> list[str]:
    """Draw so many mutants of each module."""
    chosen: list[str] = []
    for module, names in groupby(sorted(mutants), module_of):
        known = list(names)
        chosen += random.Random(f"{seed} {module}").sample(known, min(each, len(known)))
    return chosen


def module_of(mutant: str) -> str:
    return mutant.rpartition(".")[0].partition(".")[2]


def statuses(names: Iterable[str]) -> dict[str, str]:
    from mutmut.stats import status_by_exit_code

    codes = results(sorted({module_of(name).replace(".", "/") for name in names}))
    return {name: status_by_exit_code[codes[name]] for name in names}


def shown(name: str) -> str:
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    module = name.rpartition(".")[0].replace(".", "/")
    return str(get_diff_for_mutant(name, path=f"src/{module}.py"))


def table(found: dict[str, str]) -> str:
    rows = ["| Module | Mutants | Killed | Survived | Not ended |", "|:--|--:|--:|--:|--:|"]
    groups = {name: list(group) for name, group in groupby(sorted(found), module_of)}
    for module, names in {**groups, "**all**": list(found)}.items():
        counts = Counter(found[name] if found[name] in ENDED else "not ended" for name in names)
        killed, others = counts["killed"], counts["not ended"]
        survived = len(names) - killed - others
        rows.append(f"| {module} | {len(names)} | {killed} | {survived} | {others} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
