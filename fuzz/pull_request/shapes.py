"""The repositories that random pull requests change: small pipelines of every usual layout."""

from collections.abc import Mapping

import msgspec


class Shape(msgspec.Struct, frozen=True):
    """Files of a repository by path, and the paths that `dvc add` tracks."""

    files: Mapping[str, str]
    added: tuple[str, ...] = ()


_COMMON = {
    "README.md": "docs\n",
    "notes/plan.md": "plan\n",
    "tools/unused.py": "unused\n",
    ".gitignore": "*.tmp\n",
}

_CHAIN = """\
stages:
  prepare:
    cmd: cat prepare.py data/raw/* > clean.csv
    deps: [prepare.py, data/raw]
    outs: [clean.csv]
  train:
    cmd: cat train.py src/*.py clean.csv params.yaml > model.pkl
    deps: [train.py, src, clean.csv]
    params: [lr]
    outs: [model.pkl]
  evaluate:
    cmd: cat evaluate.py model.pkl | cksum | sed 's/ .*//' > score.yaml
    deps: [evaluate.py, model.pkl]
    metrics: [score.yaml: {cache: false}]
"""

_PARAMS = """\
stages:
  tune:
    cmd: cat tune.py > tuned.txt
    deps: [tune.py]
    params: [tune]
    outs: [tuned.txt]
  train:
    cmd: cat train.py tuned.txt conf.json settings.py params.yaml > model.pkl
    deps: [train.py, tuned.txt]
    params:
    - lr
    - layers
    - conf.json: [net.depth, net.width]
    - settings.py: [RATE]
    - whole.yaml:
    outs: [model.pkl]
"""

_GROUPS = """\
vars:
- suffix: pkl
stages:
  prepare:
    foreach: [a, b]
    do:
      cmd: cat prepare.py ${item}.csv > clean-${item}.csv
      deps: [prepare.py, "${item}.csv"]
      outs: ["clean-${item}.csv"]
  train:
    matrix:
      kind: [a, b]
      size: [1, 2]
    cmd: cat train.py clean-${item.kind}.csv > model-${item.kind}-${item.size}.${suffix}
    deps: [train.py, "clean-${item.kind}.csv"]
    params: [lr]
    outs: ["model-${item.kind}-${item.size}.${suffix}"]
"""

_WDIR = """\
stages:
  prepare:
    wdir: work
    cmd: cat ../prepare.py raw.csv > clean.csv
    deps: [../prepare.py, raw.csv]
    outs: [clean.csv]
  train:
    wdir: work
    cmd: cat train.py clean.csv ../params.yaml > ../models/model.pkl
    deps: [train.py, clean.csv]
    params: [../params.yaml: [lr]]
    outs: [../models/model.pkl]
"""

_FIRST = """\
stages:
  prepare:
    cmd: cat prepare.py raw.csv > clean.csv
    deps: [prepare.py, raw.csv]
    outs: [clean.csv]
"""

_SECOND = """\
stages:
  train:
    cmd: cat train.py ../first/clean.csv > model.pkl
    deps: [train.py, ../first/clean.csv]
    params: [lr]
    outs: [model.pkl]
"""

_DATA = """\
stages:
  train:
    cmd: mkdir -p net && cat train.py data/raw.csv images/* > net/weights && cat lib/*.py > net/head
    deps: [train.py, data/raw.csv, images, lib]
    params: [lr]
    outs: [net: {type: model}]
  export:
    cmd: cat net/weights net/head > served.onnx
    deps: [net]
    outs: [served.onnx]
"""

_IN_GIT = """\
stages:
  prepare:
    cmd: cat prepare.py raw.csv > clean.csv
    deps: [prepare.py, raw.csv]
    outs: [clean.csv: {cache: false}]
  train:
    cmd: cat train.py clean.csv > model.pkl && cat clean.csv > score.yaml
    deps: [train.py, clean.csv]
    params: [lr]
    outs: [model.pkl: {cache: false}]
    metrics: [score.yaml: {cache: false}]
"""

_ARTIFACTS = """\
stages:
  prepare:
    cmd: cat prepare.py raw.csv > clean.csv
    deps: [prepare.py, raw.csv]
    outs: [clean.csv]
  train:
    cmd: cat train.py clean.csv > out.dat && cat train.py > report.dat
    deps: [train.py, clean.csv]
    params: [lr]
    outs: [out.dat, report.dat]
artifacts:
  churn: {path: out.dat, type: model, desc: The churn model}
"""

_PARAMS_YAML = "lr: 0.1\nseed: 1\ntune: {low: 1, high: 2}\nlayers: [8, 4]\n"
_SCRIPTS = {name: f"{name}\n" for name in ("prepare.py", "train.py", "evaluate.py", "tune.py")}


def _scripts(*names: str, folder: str = "") -> dict[str, str]:
    return {f"{folder}{name}": _SCRIPTS[name] for name in names}


_PLAIN = {
    "chain": Shape(
        {
            "dvc.yaml": _CHAIN,
            **_scripts("prepare.py", "train.py", "evaluate.py"),
            "src/model.py": "model\n",
            "src/data.py": "data\n",
            "data/raw/one.csv": "1\n",
            "data/raw/two.csv": "2\n",
        }
    ),
    "params": Shape(
        {
            "dvc.yaml": _PARAMS,
            **_scripts("tune.py", "train.py"),
            "conf.json": '{"net": {"depth": 3, "width": 8}, "other": 1}\n',
            "settings.py": "RATE = 1\nOTHER = 2\n",
            "whole.yaml": "a: 1\nb: {c: 2}\n",
        }
    ),
    "groups": Shape(
        {
            "dvc.yaml": _GROUPS,
            **_scripts("prepare.py", "train.py"),
            "a.csv": "a\n",
            "b.csv": "b\n",
        }
    ),
    "wdir": Shape(
        {
            "dvc.yaml": _WDIR,
            **_scripts("prepare.py"),
            **_scripts("train.py", folder="work/"),
            "work/raw.csv": "1\n",
            "models/README.md": "models\n",
        }
    ),
    "folders": Shape(
        {
            "first/dvc.yaml": _FIRST,
            "second/dvc.yaml": _SECOND,
            **_scripts("prepare.py", folder="first/"),
            **_scripts("train.py", folder="second/"),
            "first/raw.csv": "1\n",
            "second/params.yaml": _PARAMS_YAML,
        }
    ),
    "data": Shape(
        {
            "dvc.yaml": _DATA,
            **_scripts("train.py"),
            "data/raw.csv": "1\n",
            "images/a.png": "a\n",
            "images/b.png": "b\n",
            "lib/head.py": "head\n",
            "lib/body.py": "body\n",
        },
        ("data/raw.csv", "images"),
    ),
    "in-git": Shape({"dvc.yaml": _IN_GIT, **_scripts("prepare.py", "train.py"), "raw.csv": "1\n"}),
    "artifacts": Shape(
        {"dvc.yaml": _ARTIFACTS, **_scripts("prepare.py", "train.py"), "raw.csv": "1\n"},
        ("raw.csv",),
    ),
}
SHAPES: Mapping[str, Shape] = {
    name: Shape({**_COMMON, "params.yaml": _PARAMS_YAML, **shape.files}, shape.added)
    for name, shape in _PLAIN.items()
}
