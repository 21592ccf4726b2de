"""The project's name, address and release tags, as the pages, hooks and workflows state them.

`scripts/set-version` writes the tags of a new version into the pages.
"""

from typing import Final

from lineage_diff import __version__

NAME: Final = "lineage-diff"
"""The name of the package, the command and the Action."""
REPOSITORY: Final = f"{NAME}/{NAME}"
ADDRESS: Final = f"https://github.com/{REPOSITORY}"
IMAGE: Final = f"ghcr.io/{REPOSITORY}"
TAG: Final = f"v{__version__}"
"""The Git tag of this version, which never moves."""
LINE: Final = TAG.partition(".")[0]
"""The Git tag that moves to the newest release of the same major version."""
ACTION: Final = f"{REPOSITORY}@{LINE}"
"""How a workflow names the Action."""
