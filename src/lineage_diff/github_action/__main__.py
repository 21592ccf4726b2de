"""Run a step of a workflow with `python -m lineage_diff.github_action`."""

import gc
import os
import sys
from typing import NoReturn

from lineage_diff.child_processes import count_work, leave_on_sigterm
from lineage_diff.github_action.main import run_step

# https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02
NOT_EXECUTABLE, NOT_FOUND = 126, 127


def run() -> NoReturn:
    """Run the step and exit the process. Child processes never get the token.

    With arguments, run them as a command instead: `docker run IMAGE lineage-diff compare`, and the
    shell that other CI systems start in the image.
    """
    if sys.argv[1:]:
        _become(sys.argv[1:])
    # As in the command line: a lineage is one large graph that lives until the end.
    gc.disable()
    leave_on_sigterm()
    count_work()
    variables = dict(os.environ)
    os.environ.pop("INPUT_GITHUB_TOKEN", None)
    sys.exit(run_step(variables))


def _become(command: list[str]) -> NoReturn:
    """Replace this process by a command, or exit as a shell does if there is none such."""
    try:
        os.execvp(command[0], command)  # noqa: S606 (the container's own arguments)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE)


if __name__ == "__main__":
    run()
