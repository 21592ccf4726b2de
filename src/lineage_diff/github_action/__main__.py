"""Run a step of a workflow with `python -m lineage_diff.github_action`."""

import gc
import os
import sys
from typing import NoReturn

from lineage_diff.child_processes import count_work, leave_on_sigterm
from lineage_diff.github_action.main import main


def run() -> NoReturn:
    """Run the step and exit the process. Child processes never get the token."""
    # As in the command line: a lineage is one large graph that lives until the end.
    gc.disable()
    leave_on_sigterm()
    count_work()
    variables = dict(os.environ)
    os.environ.pop("INPUT_GITHUB_TOKEN", None)
    sys.exit(main(variables, sys.stdout))


if __name__ == "__main__":
    run()
