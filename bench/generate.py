"""Make a Git repository with a DVC pipeline of N stages, and a second commit that changes it.

    python bench/generate.py FOLDER --stages 1000 [--shape SHAPE]

Ten stages make a chain from the data to a model and its metrics, or all of them one (`deep`), or
each one of its own (`wide`), of which the last may use all others (`fan`); a tenth of the chains
share their data, scripts and param. The second commit is a pull request as teams make it: for one
such tenth more data, another param and an edited script, and its chains run again. Nothing is run:
the locks are written as DVC writes them, with the hashes of what Git holds.
"""

import argparse
import json
import subprocess
from collections.abc import Iterator, Mapping
from hashlib import md5
from pathlib import Path
from typing import Literal, get_args

Shape = Literal["plain", "foreach", "matrix", "monorepo", "deep", "wide", "fan"]
CHAIN = 10
_SCRIPTS = 10
_PARTS = 10
# Of a monorepo, where there are as many chains.
_PIPELINES = 500
_JOIN = "python src/join.py"
_WHO = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0")


def generate(folder: Path, stages: int, shape: Shape = "plain") -> None:
    """Write the repository into `folder`, with two commits on its branch `main`."""
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    length = {"deep": stages, "wide": 1, "fan": 1}.get(shape, CHAIN)
    chains = stages // length - (shape == "fan")
    for version in (1, 2):
        for path, text in files_of(chains, length, shape, version):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        _git(folder, "add", "-A")
        _git(folder, *_WHO, "commit", "-q", "-m", f"Version {version}")


def files_of(chains: int, length: int, shape: Shape, version: int) -> Iterator[tuple[str, str]]:
    yield ".dvc/config", "[core]\n    analytics = false\n    check_update = false\n"
    yield ".dvc/.gitignore", "/config.local\n/tmp\n/cache\n"
    yield ".gitignore", "*.bin\n*.pkl\n/data/*.csv\n"
    for part in range(_PARTS):
        ran = _run(part, version)
        yield f"data/raw{part}.csv.dvc", _data(f"data/raw{part}.csv", ran)
        for step in range(min(length, _SCRIPTS)):
            yield f"src/step{step}-{part}.py", _script(step, ran)
    folders: dict[str, list[int]] = {}
    for chain in range(chains):
        folder = (
            f"team{chain * min(chains, _PIPELINES) // chains:05}/" if shape == "monorepo" else ""
        )
        folders.setdefault(folder, []).append(chain)
        name = f"{folder}metrics/c{chain:05}.json"
        yield name, _metrics(_run(chain, version))
    for folder, members in folders.items():
        up = "../" if folder else ""
        yield f"{folder}params.yaml", _params(members, version)
        yield f"{folder}dvc.yaml", _pipeline(members, length, shape, up)
        yield f"{folder}dvc.lock", _lock(members, length, up, version, shape)


def _run(chain: int, version: int) -> int:
    """Return the version that a chain, or a tenth of them, last ran at."""
    return version if chain % _PARTS == 0 else 1


def _data(path: str, ran: int) -> str:
    return (
        f"outs:\n- md5: {_md5(path, ran)}\n  size: {10**6 * ran}\n"
        f"  hash: md5\n  path: {path.removeprefix('data/')}\n"
    )


def _script(step: int, ran: int) -> str:
    return f"print({step}, {ran if step == 3 else 1})\n"


def _metrics(ran: int) -> str:
    return json.dumps({"auc": 0.9 + ran / 100, "loss": {"test": 0.25}})


def _rate(ran: int) -> float:
    return 0.1 * ran


def _params(chains: list[int], version: int) -> str:
    rows = ["rates:\n"]
    rows += [f"  r{part}: {_rate(_run(part, version))}\n" for part in range(_PARTS)]
    rows += ["chains:\n"]
    rows += [f"  c{chain:05}:\n    part: {chain % _PARTS}\n" for chain in chains]
    rows += ["parts:\n", *(f"- {part}\n" for part in range(min(_PARTS, len(chains))))]
    rows += ["groups:\n", *(f"- c{chain // _PARTS:04}\n" for chain in chains[::_PARTS])]
    return "".join(rows)


def _script_path(step: int, part: int | str, up: str) -> str:
    return f"{up}src/step{step % _SCRIPTS}-{part}.py"


def _stage(step: int, length: int, chain: str, part: int | str, up: str) -> Mapping[str, list[str]]:
    deps = [_script_path(step, part, up)]
    deps.append(f"out/{chain}/s{step - 1}.bin" if step else f"{up}data/raw{part}.csv")
    out = f"models/{chain}.pkl" if step == length - 1 else f"out/{chain}/s{step}.bin"
    return {"deps": deps, "outs": [out]}


def _body(
    step: int, length: int, chain: str, part: int | str, up: str = "", indent: str = "      "
) -> str:
    stage = _stage(step, length, chain, part, up)
    rows = [f"cmd: python {_script_path(step, part, up)} --chain {chain}", "deps:"]
    rows += [f"  - {path}" for path in stage["deps"]]
    if step == _with_param(length):
        rows += ["params:", f"  - rates.r{part}"]
    rows += ["outs:", *(f"  - {path}" for path in stage["outs"])]
    if step == length - 1:
        rows += ["metrics:", f"  - metrics/{chain}.json:", "      cache: false"]
    return "".join(f"{indent}{row}\n" for row in rows)


def _with_param(length: int) -> int:
    """Return the step of a chain that has a param."""
    return min(4, length - 1)


def _pipeline(chains: list[int], length: int, shape: Shape, up: str) -> str:
    rows = ["stages:\n"]
    if shape == "foreach":
        for step in range(length):
            rows.append(f"  s{step}:\n    foreach: ${{chains}}\n    do:\n")
            rows.append(_body(step, length, "${key}", "${item.part}"))
    elif shape == "matrix":
        chain = "${item.group}${item.part}"
        for step in range(length):
            rows.append(
                f"  s{step}:\n    matrix:\n      part: ${{parts}}\n      group: ${{groups}}\n"
            )
            rows.append(_body(step, length, chain, "${item.part}", indent="    "))
    else:
        for number in chains:
            for step in range(length):
                name = f"c{number:05}"
                rows.append(f"  {_name(step, name, shape)}:\n")
                rows.append(_body(step, length, name, number % _PARTS, up, "    "))
    if shape == "fan":
        rows.append(f"  join:\n    cmd: {_JOIN}\n    deps:\n")
        rows += [f"    - {_model(number)}\n" for number in chains]
        rows.append("    outs:\n    - models/join.pkl\n")
    return "".join(rows)


def _model(chain: int) -> str:
    return f"models/c{chain:05}.pkl"


def _name(step: int, chain: str, shape: Shape) -> str:
    """Return a stage's name, as DVC makes it of a template."""
    if shape == "foreach":
        return f"s{step}@{chain}"
    return f"s{step}@{chain[-1]}-{chain[:-1]}" if shape == "matrix" else f"s{step}_{chain}"


def _lock(chains: list[int], length: int, up: str, version: int, shape: Shape) -> str:
    rows = ["schema: '2.0'\nstages:\n"]
    for chain in chains:
        ran = _run(chain, version)
        name, part = f"c{chain:05}", chain % _PARTS
        for step in range(length):
            stage = _stage(step, length, name, part, up)
            rows.append(f"  {_name(step, name, shape)}:\n")
            rows.append(f"    cmd: python {_script_path(step, part, up)} --chain {name}\n")
            rows.append("    deps:\n")
            rows += [_item(path, ran, step) for path in sorted(stage["deps"])]
            if step == _with_param(length):
                rows.append(
                    f"    params:\n      params.yaml:\n        rates.r{part}: {_rate(ran)}\n"
                )
            rows.append("    outs:\n")
            made = [*stage["outs"], *([f"metrics/{name}.json"] if step == length - 1 else [])]
            rows += [_item(path, ran, step) for path in sorted(made)]
    if shape == "fan":
        rows.append(f"  join:\n    cmd: {_JOIN}\n    deps:\n")
        rows += [_item(_model(number), _run(number, version), 0) for number in chains]
        rows.append(f"    outs:\n{_item('models/join.pkl', version, 0)}")
    return "".join(rows)


def _item(path: str, ran: int, step: int) -> str:
    if path.endswith(".py"):
        digest, size = _content(_script(step % _SCRIPTS, ran))
    elif path.endswith(".json"):
        digest, size = _content(_metrics(ran))
    else:
        digest, size = _md5(path.removeprefix("../"), ran), 10**6 * ran
    return f"    - path: {path}\n      hash: md5\n      md5: {digest}\n      size: {size}\n"


def _md5(name: str, version: int) -> str:
    return _content(f"{name} {version}")[0]


def _content(text: str) -> tuple[str, int]:
    return md5(text.encode(), usedforsecurity=False).hexdigest(), len(text)


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stages", type=int, default=1000)
    parser.add_argument("--shape", choices=get_args(Shape), default="plain")
    given = parser.parse_args()
    generate(given.folder, given.stages, given.shape)
