"""Run the Action's step from its own checkout, which holds the source and the templates."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from lineage_diff.github_action.__main__ import run

run()
