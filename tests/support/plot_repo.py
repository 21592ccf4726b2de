"""A real DVC repository with plots of every kind, in two commits tagged `before` and `after`."""

import base64
import json
from pathlib import Path

from tests.support.dvc_repo import DvcRepo, DvcShell

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">'
    '<rect width="{}" height="8"/></svg>'
)
PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    plots:
      - curve.json: {cache: false, x: epoch, y: acc, title: Accuracy by epoch}
      - bare.csv: {cache: false, header: false}
plots:
  - loss.csv: {x: step, y: loss}
  - unchanged.csv: {x: step, y: loss}
  - several fields: {x: step, y: {logs/train.csv: [acc, loss], logs/test.csv: acc}}
  - two files: {x: {logs/train.csv: step}, y: {logs/train.csv: acc}, y_label: share}
  - cross:
      x: {logs/train.csv: step, logs/test.csv: step}
      y: {logs/train.csv: acc, logs/test.csv: acc}
  - roc: {template: simple, x: fpr, y: {nested.json: tpr}, title: ROC}
  - predicted.csv: {template: confusion, x: actual, y: predicted}
  - shares: {template: confusion_normalized, x: actual, y: {predicted.csv: predicted}}
  - points.yaml: {template: scatter, x: a, y: b}
  - bars: {template: bar_horizontal, x: weight, y: {weights.json: name}}
  - mine.csv: {template: mine, x: step, y: value, x_label: Step}
  - dvclive/plots
  - gone.csv
"""
TEMPLATE = {
    "data": {"values": "<DVC_METRIC_DATA>"},
    "title": "<DVC_METRIC_TITLE>",
    "mark": "area",
    "encoding": {
        "x": {"field": "<DVC_METRIC_X>", "type": "quantitative", "title": "<DVC_METRIC_X_LABEL>"},
        "y": {"field": "<DVC_METRIC_Y>", "type": "quantitative"},
        "color": {"field": "rev", "type": "nominal"},
        "opacity": {"field": "weight", "type": "quantitative"},
    },
}


def plot_repo(path: Path, shell: DvcShell) -> DvcRepo:
    """Build it."""
    repo = DvcRepo(path, shell)
    repo.files({"dvc.yaml": PIPELINE, "train.py": "", ".dvc/plots/mine.json": json.dumps(TEMPLATE)})
    for side, name in enumerate(("before", "after")):
        _files(repo, side)
        repo.save(name)
        repo.git("tag", name)
    return repo


def table(header: str, rows: list[tuple[object, ...]], delimiter: str = ",") -> str:
    """Write rows as text."""
    lines = [header] if header else []
    return "\n".join([*lines, *(delimiter.join(map(str, row)) for row in rows)]) + "\n"


def _files(repo: DvcRepo, side: int) -> None:
    steps = range(12 + 4 * side)
    rate = 0.8 - 0.1 * side
    labels = ["cat", "dog", "owl"]
    actual = [labels[n % 3] for n in range(60)]
    predicted = [labels[(n + (n % (4 + side) == 0)) % 3] for n in range(60)]
    repo.files(
        {
            "loss.csv": table("step,loss", [(n, round(rate**n, 4)) for n in steps]),
            "unchanged.csv": table("step,loss", [(n, n) for n in range(3)]),
            "logs/train.csv": table("step,acc,loss", [(n, 1 - rate**n, rate**n) for n in steps]),
            "logs/test.csv": table("step,acc", [(n, 0.9 - 0.9 * rate**n) for n in steps]),
            "nested.json": json.dumps(
                {"roc": [{"fpr": n / 9, "tpr": (n / 9) ** rate} for n in range(10)], "auc": rate}
            ),
            "predicted.csv": table("actual,predicted", list(zip(actual, predicted, strict=True))),
            "points.yaml": "".join(f"- {{a: {n}, b: {n * rate:.3f}}}\n" for n in range(9)),
            "weights.json": json.dumps(
                [{"name": name, "weight": len(name) * rate + n} for n, name in enumerate(labels)]
            ),
            "mine.csv": table("step,value,weight", [(n, n * rate, n % 2) for n in steps]),
            "curve.json": json.dumps([{"epoch": n, "acc": 1 - rate**n} for n in steps]),
            "bare.csv": table("", [(n, n * rate) for n in range(5)]),
            "dvclive/plots/metrics/train/loss.tsv": table(
                "step\tloss", [(n, rate**n) for n in steps], "\t"
            ),
            "dvclive/plots/images/mask.svg": SVG.format(4 + side),
        }
    )
    image = repo.root / "dvclive/plots/images/mask.png"
    image.write_bytes(base64.b64decode(PNG[side]))
    gone = repo.root / "gone.csv"
    if side:
        gone.unlink()
    else:
        gone.write_text("step,value\n0,1\n1,2\n", encoding="utf-8")
