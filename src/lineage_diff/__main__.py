"""Run the command line with `python -m lineage_diff`."""

import sys

from lineage_diff.cli import main

sys.exit(main())
