"""Run the command line with `python -m lineage_diff`."""

from lineage_diff.cli.main import run

run()
