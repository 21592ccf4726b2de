"""Real repositories, each with a history that changes what a pull request may change."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.support.dvc_repo import DvcRepo, DvcShell

PLAIN = """\
stages:
  prepare:
    cmd: mkdir -p data/prepared && sort data/raw.csv > data/prepared/train.csv
    deps: [data/raw.csv, src/prepare.sh]
    params: [prepare.seed]
    outs: [data/prepared]
  featurize:
    cmd: wc -l < data/prepared/train.csv > features.txt
    deps: [data/prepared, src/featurize.sh]
    outs: [features.txt]
  train:
    cmd: cat features.txt params.yaml > model.pkl
    deps: [features.txt, src/train.sh]
    params: [train]
    outs: [{model.pkl: {type: model, desc: The churn model}}]
  evaluate:
    cmd: cp src/scores.json metrics.json && cp src/curve.csv curve.csv
    deps: [model.pkl, src/scores.json, src/curve.csv]
    metrics: [metrics.json: {cache: false}]
    plots: [curve.csv: {cache: false, x: step}]
"""


def plain(path: Path, shell: DvcShell) -> DvcRepo:
    """A pipeline as DVC's own tutorial has it, and every usual change to it."""
    repo = DvcRepo(path, shell)
    repo.files(
        {
            "dvc.yaml": PLAIN,
            "params.yaml": "prepare: {seed: 1, split: 0.2}\ntrain: {lr: 1e-3, layers: [8, 4]}\n",
            "data/raw.csv": "b\na\n",
            "src/prepare.sh": "one\n",
            "src/featurize.sh": "one\n",
            "src/train.sh": "one\n",
            "src/scores.json": '{"auc": 0.91, "loss": {"train": 1, "test": 2.5}, "n": null}',
            "src/curve.csv": "step,y\n1,2\n",
        }
    )
    repo.dvc("add", "-q", "data/raw.csv")
    repo.repro("Train")
    repo.files({"data/raw.csv": "b\na\nc\nd\n"})
    repo.dvc("add", "-q", "data/raw.csv")
    repo.save("More data, not run")
    repo.repro("Run on it")
    repo.edit("params.yaml", "lr: 1e-3, layers: [8, 4]", "lr: 0.002, layers: [8], epochs: 3")
    repo.edit("src/scores.json", '0.91, "loss": {"train": 1', '0.88, "loss": {"train": 1.0')
    repo.repro("Another rate")
    repo.edit("src/train.sh", "one", "two")
    repo.edit("src/scores.json", '"n": null', '"extra": [1, 2], "name": "x"')
    repo.repro("Edit a script")
    repo.edit("dvc.yaml", "features.txt", "counts.txt")
    repo.repro("Name an out anew")
    repo.edit("dvc.yaml", "  featurize:", "  count:")
    repo.repro("Name a stage anew")
    repo.dvc("move", "data/raw.csv", "data/customers.csv")
    repo.edit("dvc.yaml", "data/raw.csv", "data/customers.csv")
    repo.repro("Name the data anew")
    text = (repo.root / "dvc.yaml").read_text(encoding="utf-8")
    repo.files({"dvc.yaml": text[: text.index("  evaluate:")]})
    repo.git("rm", "-q", "metrics.json", "curve.csv")
    repo.save("Drop the evaluation")
    repo.git("rm", "-q", "dvc.yaml", "dvc.lock")
    repo.save("Drop the pipeline")
    return repo


TEMPLATED = """\
vars:
  - params/common.yaml
  - folder: out
stages:
  fit:
    foreach: ${models}
    do:
      cmd: echo ${item} ${common.seed} > ${folder}/${item}.pkl
      params: [{params/common.yaml: [common.seed]}]
      outs: ["${folder}/${item}.pkl"]
  score:
    foreach: ${thresholds}
    do:
      cmd: echo ${item.at} > ${folder}/score-${key}.txt
      deps: ["${folder}/${item.model}.pkl"]
      outs: ["${folder}/score-${key}.txt"]
  grid:
    matrix:
      model: ${models}
      fold: [1, 2]
    cmd: echo ${item.model} ${item.fold} > ${folder}/${key}.grid
    deps: ["${folder}/${item.model}.pkl"]
    params:
      - params/grid.toml:
          - grid.depth
    outs: ["${folder}/${key}.grid"]
"""


def templated(path: Path, shell: DvcShell) -> DvcRepo:
    """`vars`, `foreach` over a list and a dict, and `matrix`."""
    repo = DvcRepo(path, shell)
    repo.files(
        {
            "dvc.yaml": TEMPLATED,
            "params.yaml": "models: [tree, net]\n"
            "thresholds: {low: {at: 0.1, model: tree}, high: {at: 0.9, model: net}}\n",
            "params/common.yaml": "common: {seed: 7}\n",
            "params/grid.toml": "[grid]\ndepth = 3\nrate = 0.5\n",
            "out/.keep": "",
        }
    )
    repo.repro("Fit")
    repo.edit("params/common.yaml", "7", "8")
    repo.repro("Another seed")
    repo.edit("params.yaml", "[tree, net]", "[tree, net, forest]")
    repo.edit("params.yaml", "at: 0.9", "at: 0.8")
    repo.repro("One model more")
    repo.edit("params/grid.toml", "depth = 3", "depth = 4\nleaf = true")
    repo.repro("Deeper")
    repo.edit("dvc.yaml", "folder: out", "folder: made")
    repo.files({"made/.keep": ""})
    repo.repro("Another folder")
    repo.edit("params.yaml", "low: {at: 0.1, model: tree}, ", "")
    repo.save("One threshold less")
    return repo


def monorepo(path: Path, shell: DvcShell) -> DvcRepo:
    """Several `dvc.yaml`, one with `wdir`, one that uses what another makes."""
    repo = DvcRepo(path, shell)
    repo.files(
        {
            "churn/dvc.yaml": "stages:\n  train:\n    cmd: cat in.csv > model.pkl\n"
            "    deps: [in.csv]\n    params: [rate]\n    outs: [model.pkl]\n"
            "    metrics: [m.json: {cache: false}]\n",
            "churn/in.csv": "1\n",
            "churn/params.yaml": "rate: 1\n",
            "churn/m.json": '{"a": 1}',
            "rank/dvc.yaml": "stages:\n  rank:\n    wdir: work\n"
            "    cmd: cat ../../churn/model.pkl > rank.txt\n    deps: [../../churn/model.pkl]\n"
            "    params:\n      - ../../churn/params.yaml:\n          - rate\n"
            "    outs: [rank.txt]\n",
            "rank/work/.keep": "",
        }
    )
    repo.edit("churn/dvc.yaml", "cat in.csv > model.pkl", "cat in.csv > model.pkl && cp in.csv x")
    repo.edit("churn/dvc.yaml", "cp in.csv x", "cat in.json > m.json")
    repo.files({"churn/in.json": '{"a": 1}'})
    repo.repro("Two teams")
    repo.files({"churn/in.csv": "1\n2\n", "churn/in.json": '{"a": 2}'})
    repo.repro("More for one")
    repo.edit("churn/params.yaml", "1", "2")
    repo.repro("A param of both")
    repo.git("mv", "rank", "ranking")
    repo.save("Move a pipeline")
    repo.files({"third/dvc.yaml": "stages:\n  t:\n    cmd: echo 1 > t\n    outs: [t]\n"})
    repo.repro("A third team")
    return repo


def subfolder(path: Path, shell: DvcShell) -> DvcRepo:
    """A project below the repository's root."""
    repo = DvcRepo(path, shell, "ml/project")
    repo.files(
        {
            "dvc.yaml": PLAIN,
            "params.yaml": "prepare: {seed: 1}\ntrain: {lr: 0.1}\n",
            "data/raw.csv": "b\na\n",
            "src/prepare.sh": "one\n",
            "src/featurize.sh": "one\n",
            "src/train.sh": "one\n",
            "src/scores.json": '{"auc": 0.5}',
            "src/curve.csv": "step,y\n1,2\n",
        }
    )
    repo.dvc("add", "-q", "data/raw.csv")
    repo.repro("Train")
    repo.edit("params.yaml", "lr: 0.1", "lr: 0.2")
    repo.edit("src/scores.json", "0.5", "0.6")
    repo.repro("Another rate")
    return repo


def directories(path: Path, shell: DvcShell) -> DvcRepo:
    """Folders that `dvc add` and stages keep, deps inside them, and a dep that holds outs."""
    repo = DvcRepo(path, shell)
    repo.files(
        {
            "images/a.txt": "a\n",
            "images/b.txt": "b\n",
            "code/one.sh": "1\n",
            "code/lib/two.sh": "2\n",
            "dvc.yaml": "stages:\n"
            "  crop:\n    cmd: mkdir -p made/crops && cp images/*.txt made/crops\n"
            "    deps: [images, code]\n    outs: [made/crops]\n"
            "  one:\n    cmd: cp made/crops/a.txt one.txt\n"
            "    deps: [made/crops/a.txt]\n    outs: [one.txt]\n"
            "  list:\n    cmd: ls made/crops > made/list.txt\n"
            "    deps: [made/crops]\n    outs: [made/list.txt]\n"
            "  all:\n    cmd: ls made > all.txt\n    deps: [made]\n    outs: [all.txt]\n",
        }
    )
    repo.dvc("add", "-q", "images")
    repo.repro("Crop")
    repo.files({"images/c.txt": "c\n"})
    repo.dvc("add", "-q", "images")
    repo.repro("One image more")
    repo.edit("code/lib/two.sh", "2", "3")
    repo.repro("Edit a script in a folder")
    repo.dvc("move", "images", "pictures")
    repo.edit("dvc.yaml", "images", "pictures")
    repo.repro("Name a folder anew")
    return repo


def imports(path: Path, shell: DvcShell) -> DvcRepo:
    """`dvc import` from a repository beside it, and `dvc import-url` of a file."""
    source = DvcRepo(path.with_name(path.name + "-source"), shell)
    source.files({"data/set.csv": "1\n"})
    source.dvc("add", "-q", "data/set.csv")
    source.save("Data")
    outside = path.with_name(path.name + "-outside.csv")
    outside.write_text("x\n", encoding="utf-8")
    repo = DvcRepo(path, shell)
    repo.dvc("import", "-q", str(source.path), "data/set.csv")
    repo.dvc("import-url", "-q", str(outside), "outside.csv")
    repo.files(
        {
            "dvc.yaml": "stages:\n  join:\n    cmd: cat set.csv outside.csv > joined.csv\n"
            "    deps: [set.csv, outside.csv]\n    outs: [joined.csv]\n"
        }
    )
    repo.repro("Import")
    source.files({"data/set.csv": "1\n2\n"})
    source.dvc("add", "-q", "data/set.csv")
    source.save("More data")
    repo.dvc("update", "-q", "set.csv.dvc")
    repo.save("Update the import")
    outside.write_text("x\ny\n", encoding="utf-8")
    repo.dvc("update", "-q", "outside.csv.dvc")
    repo.repro("Update the other")
    repo.dvc("remove", "outside.csv.dvc")
    repo.edit("dvc.yaml", " outside.csv > ", " > ")
    repo.edit("dvc.yaml", ", outside.csv]", "]")
    repo.repro("Drop an import")
    return repo


def second_version(path: Path, shell: DvcShell) -> DvcRepo:
    """Files as DVC 2 wrote them, without `hash: md5`, then rewritten by DVC 3."""
    repo = DvcRepo(path, shell)
    repo.files(
        {
            "dvc.yaml": "stages:\n  copy:\n    cmd: cp raw.csv copy.csv\n"
            "    deps: [raw.csv]\n    outs: [copy.csv]\n",
            "raw.csv": "1\n",
        }
    )
    repo.dvc("add", "-q", "raw.csv")
    repo.dvc("repro", "-q")
    _forget_hash_names(repo)
    repo.save("As DVC 2 wrote it")
    repo.files({"raw.csv": "1\n2\n"})
    repo.dvc("add", "-q", "raw.csv")
    repo.dvc("repro", "-q")
    _forget_hash_names(repo)
    repo.save("More data")
    repo.remove("dvc.lock")
    repo.remove("raw.csv.dvc")
    repo.dvc("add", "-q", "raw.csv")
    repo.dvc("repro", "-q")
    repo.save("As DVC 3 writes it")
    return repo


def _forget_hash_names(repo: DvcRepo) -> None:
    for name in ("dvc.lock", "raw.csv.dvc"):
        text = (repo.root / name).read_text(encoding="utf-8")
        repo.files({name: re.sub(r"^ *hash: md5\n", "", text, flags=re.MULTILINE)})


def top_level(path: Path, shell: DvcShell) -> DvcRepo:
    """Top-level `metrics`, `params`, `plots` and `artifacts`, `.dvcignore`, cached metrics."""
    repo = DvcRepo(path, shell)
    repo.files(
        {
            ".dvcignore": "old/\n",
            "old/dvc.yaml": "stages: {x: {cmd: echo}}\n",
            "dvc.yaml": "metrics: [eval/live.json, eval/more]\nparams: [conf/p.json, conf/q.py]\n"
            "plots: [{eval/roc.csv: {x: a, y: b}}]\n"
            "artifacts:\n  churn: {path: model.bin, type: model, labels: [a]}\n"
            "stages:\n  m:\n    cmd: echo '{\"kept\":1}' > kept.json\n    metrics: [kept.json]\n",
            "eval/live.json": '{"auc": 1, "by": {"x": 0.5}}',
            "eval/more/a.yaml": "one: 1\n",
            "eval/roc.csv": "a,b\n1,2\n",
            "conf/p.json": '{"k": {"l": 1}}',
            "conf/q.py": "rate = 0.5\nclass A:\n    depth = 3\n",
            "params.yaml": "free: 1\nnone: null\nempty: {}\n",
            "model.bin": "m\n",
        }
    )
    repo.dvc("add", "-q", "model.bin")
    repo.repro("Begin")
    repo.files({"eval/live.json": '{"auc": 0.5, "by": {"x": null}}'})
    repo.save("Worse")
    repo.edit("conf/q.py", "depth = 3", "depth = 4")
    repo.edit("params.yaml", "free: 1\nnone: null", "free: true\nnone: 0x1F")
    repo.edit("conf/p.json", "1", "[1, {}]")
    repo.save("Change params of three formats")
    repo.edit("old/dvc.yaml", "echo", "ls")
    repo.files({"eval/more/b.yaml": "two: 2\n", "model.bin": "n\n"})
    repo.dvc("add", "-q", "model.bin")
    repo.save("Another model")
    repo.edit("dvc.yaml", '"kept":1', '"kept":2')
    repo.repro("Another cached metric")
    return repo


BUILDERS: dict[str, Callable[[Path, DvcShell], DvcRepo]] = {
    "plain": plain,
    "templated": templated,
    "monorepo": monorepo,
    "subfolder": subfolder,
    "directories": directories,
    "imports": imports,
    "second-version": second_version,
    "top-level": top_level,
}
