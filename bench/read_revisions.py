"""Read the lineage of each revision named: what one revision costs, beside two.

python bench/read_revisions.py REPOSITORY REVISION...
"""

import sys

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.git.repository import open_repository

if __name__ == "__main__":
    repository = open_repository(sys.argv[1])
    reader = LineageReader(repository)
    stages = [len(reader.read(repository.resolve(rev)).stages) for rev in sys.argv[2:]]
    print(*stages)
