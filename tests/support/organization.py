"""An organization of real DVC repositories that import from each other, and a store of its parts.

data -> churn -> fraud, by `dvc import`; ads imports from the former name of data; search has a copy
of the raw data and no import; legacy imports at a commit that data has no more. The addresses of
the imports are on a server: the test writes them over the folders that DVC imported from.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lineage_diff.app.organization.index import index_repository
from lineage_diff.history.reader import open_history
from lineage_diff.organization.address import store_address
from lineage_diff.organization.delta import DeltaStore
from tests.support.dvc_repo import DvcRepo, DvcShell

SERVER = "https://github.com/team"
HOST = "github.com/team"

TRAIN = """stages:
  train:
    cmd: >-
      python -c "open('{out}', 'w').write('{name} of ' * 99 + open('{dep}').read())"
    deps: [{dep}]
    outs: [{out}]
artifacts:
  {name}:
    path: {out}
    type: model
"""
PREPARE = """stages:
  prepare:
    cmd: >-
      python -c "open('features.csv', 'w').write('features of ' * 99 + open('raw.csv').read())"
    deps: [raw.csv]
    outs: [features.csv]
"""


def content(name: str) -> str:
    """Return content that is not tiny."""
    return f"{name}\n" * 300


class Organization:
    """The repositories by name; `commits` of the one that the others import from."""

    def __init__(self, folder: Path, shell: DvcShell) -> None:
        self.folder = folder
        self._shell = shell
        self.repos: dict[str, DvcRepo] = {}
        self.commits: dict[str, str] = {}
        data = self.new("data")
        self._raw(data, "good")
        data.files({"dvc.yaml": PREPARE})
        self._run("data", "good")
        self._importer("churn", "data", "features.csv")
        # A branch that a forced push removes.
        self._raw(data, "lost")
        self._run("data", "lost")
        self._importer("legacy", "data", "features.csv")
        data.git("reset", "-q", "--hard", self.commits["good"])
        data.dvc("checkout", "-q", "--force")
        self._raw(data, "bad")
        self._run("data", "bad")
        churn = self.repos["churn"]
        churn.dvc("import", "-f", "-q", str(data.path), "features.csv")
        self._run("churn", "retrained")
        for tag in ("churn@v1.0.0", "churn#prod#1"):
            churn.git("tag", "-a", "-m", tag, tag)
        self._importer("fraud", "churn", "churn.pkl")
        self._importer("ads", "data", "raw.csv", named="customers")
        search = self.new("search")
        search.files({"copy.csv": content("bad")})
        search.dvc("add", "-q", "copy.csv")
        search.files({"dvc.yaml": TRAIN.format(name="search", dep="copy.csv", out="search.pkl")})
        self._run("search", "searched")
        # A cycle: the data repository imports a model that was made from its own data.
        data.dvc("import", "-q", str(self.repos["fraud"].path), "fraud.pkl")
        scorer = TRAIN.format(name="scorer", dep="../fraud.pkl", out="scorer.pkl")
        data.files({"score/dvc.yaml": scorer})
        self._run("data", "cycle")
        self._raw(data, "fixed")
        self._run("data", "fixed")

    def new(self, name: str) -> DvcRepo:
        """Make a repository with an address on the server."""
        repo = DvcRepo(self.folder / name, self._shell)
        repo.git("remote", "add", "origin", f"{SERVER}/{name}.git")
        self.repos[name] = repo
        return repo

    def _raw(self, repo: DvcRepo, name: str) -> None:
        repo.files({"raw.csv": content(name)})
        repo.dvc("add", "-q", "raw.csv")

    def _importer(self, name: str, source: str, path: str, named: str | None = None) -> None:
        repo = self.new(name)
        repo.dvc("import", "-q", str(self.repos[source].path), path)
        repo.files({"dvc.yaml": TRAIN.format(name=name, dep=path, out=f"{name}.pkl")})
        self._run(name, name, {source: named} if named else {})

    def _run(self, name: str, step: str, renamed: Mapping[str, str] = MappingProxyType({})) -> None:
        """Run all stages, and commit with the addresses of a server in the imports."""
        repo = self.repos[name]
        imports = sorted(repo.root.glob("?*.dvc"))
        texts = {file: file.read_text(encoding="utf-8") for file in imports}
        for file, text in texts.items():
            for other in self.repos.values():
                text = text.replace(f"url: {SERVER}/{other.path.name}.git", f"url: {other.path}")
            file.write_text(text, encoding="utf-8")
        repo.dvc("repro", "-q", "--all-pipelines")
        for file in imports:
            text = file.read_text(encoding="utf-8")
            for other in self.repos.values():
                shown = renamed.get(other.path.name, other.path.name)
                text = text.replace(f"url: {other.path}", f"url: {SERVER}/{shown}.git")
            file.write_text(text, encoding="utf-8")
        self.commits[step] = repo.save(step)


def write_part(store: DeltaStore, repo: Path) -> None:
    """Index a repository."""
    index_repository(open_history(repo), store)


def new_store(folder: Path) -> DeltaStore:
    """Make an empty store."""
    store = DeltaStore(store_address(str(folder)))
    store.create()
    return store
