"""Read the lineage of each revision named: what one revision costs, beside two.

python bench/read_revisions.py REPOSITORY REVISION...
"""

import sys

from lineage_diff.read.git import open_repository
from lineage_diff.read.lineage import LineageReader

if __name__ == "__main__":
    repository = open_repository(sys.argv[1])
    reader = LineageReader(repository)
    stages = [len(reader.read(repository.resolve(rev)).stages) for rev in sys.argv[2:]]
    print(*stages)
