"""The pieces that hostile heads are made of: each turns a random source and a size into a head.

A size is in bytes, and says about how much a piece may weigh; what it costs is another thing.
"""

import json
import random
from collections.abc import Callable, Iterable, Mapping
from hashlib import md5

from fuzz.hostile_repository import Bomb, Head, Step

Piece = Callable[[random.Random, int], Head]
_KIB, _MIB = 1 << 10, 1 << 20


def ignore_rules(rng: random.Random, size: int) -> Head:
    """Rules by paths by segments."""
    rule = rng.choice(
        ["**/" * 500 + "*a" * 200, "x*#y", "**/x#/**/y/**/z", "!a/**/b#", "/a/" * 200]
    )
    rules = _numbered(rule + "\n", min(size // 2, 4 * _MIB))
    depth = rng.choice([1, 60, 400])
    deps = [
        f"{'a/' * depth}x{number}.csv" for number in range(min(3_000, size // (8 * depth + 80)))
    ]
    files = _locked([_Stage("train", deps, ["model.pkl"])])
    place = rng.choice([".gitignore", ".dvcignore", "a/.gitignore"])
    there = {path: b"" for path in deps if rng.random() < 0.5}
    return Head(files | there | {place: rules})


def dotted_key(rng: random.Random, size: int) -> Head:
    """One key with hundreds of thousands of dots, or a lock or values file with it."""
    key = rng.choice([".", "a.", "a[0].", "a.'b'."]) * min(size // 4, 4 * _MIB) + "a"
    text = f"stages:\n  s:\n    cmd: x\n    params: [{json.dumps(key)}]\n    outs: [m.pt]\n"
    lock = f"schema: '2.0'\nstages:\n  s:\n    cmd: x\n    params:\n      params.yaml:\n        {json.dumps(key)}: 1\n"  # noqa: E501
    files = {"dvc.yaml": text, "dvc.lock": lock, "params.yaml": f"{json.dumps(key)}: 1\n"}
    kept = rng.sample(sorted(files), rng.randint(1, 3))
    return Head({path: files[path].encode() for path in kept})


def tree_of_trees(rng: random.Random, size: int) -> Head:
    """Trees of trees: thousands of millions of files in some kilobytes."""
    return Head(bombs={"zz": Bomb(rng.choice([2, 10, 100]), rng.choice([4, 8, 20]))})


def copies(rng: random.Random, size: int) -> Head:
    """Thousands of copies of one pipeline, of its lock, of its values."""
    stages = [
        _Stage(f"s{number}", ["../d.csv"], [f"m{number}.pt"])
        for number in range(rng.choice([1, 3, 200]))
    ]
    made = _locked(stages) | {"params.yaml": b"lr: 1\n", "d.dvc": _dvc_file(["d.bin"])}
    kept = {path: made[path] for path in rng.sample(sorted(made), rng.randint(1, len(made)))}
    folder = rng.choice(["c#", "a/b/c#", "c#" + "/d" * 20])
    number = min(60_000, size // (60 * len(kept)))
    return Head(
        {
            f"{folder.replace('#', str(n))}/{path}": kept[path]
            for n in range(number)
            for path in kept
        }
    )


def deep_folders(rng: random.Random, size: int) -> Head:
    """A pipeline and data thousands of folders deep."""
    depth = min(rng.choice([100, 1_200, 5_000]), size // 60)
    folder = "a/" * depth
    return Head(
        {
            f"{folder}{path}": text
            for path, text in _locked([_Stage("train", ["d.csv"], ["model.pkl"])]).items()
        }
    )


def yaml_text(rng: random.Random, size: int) -> Head:
    """Nesting, references, tags and odd numbers in any file that is read."""
    width = rng.choice([2, 9, 50])
    texts: list[Callable[[], str]] = [
        lambda: "a0: &a0 [lol, lol]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]\n" for i in range(1, 30)),  # noqa: E501
        lambda: "m0: &m0 {k: 1}\n" + "".join(f"m{i}: &m{i}\n  <<: [{', '.join([f'*m{i - 1}'] * width)}]\n  k{i}: 1\n" for i in range(1, 30)),  # noqa: E501
        lambda: "a: " + "[" * (size // 2) + "]" * (size // 2),
        lambda: "- " * (size // 2) + "a",
        lambda: "".join(f"{' ' * i}a:\n" for i in range(min(4_000, size // 2000))),
        lambda: "lr: !!python/object/apply:os.system [x]\n" + _repeat("k#: !x 1\n", size),
        lambda: "lr: " + "9" * size,
        lambda: "a: &a {x: 1}\n" + _repeat("k#: *a\n", size),
        lambda: "a: &a [" + "1, " * 1_000 + "1]\n" + _repeat("k#: *a\n", min(size, 2 * _MIB)),
        lambda: "---\na: 1\n" * (size // 9),
        lambda: _repeat("? [a, #]\n: 1\n", size),
        lambda: "a: |\n" + "  x\n" * (size // 4),
        lambda: 'a: "' + "\\x41" * (size // 4) + '"\n',
        lambda: "{" + _repeat("k#: {", size // 2) + "}" * 9,
        lambda: _repeat("&a# k#: &b# 1\n", size),
        lambda: "%YAML 1.1\n---\n" + _repeat("k#: 0o7_7:59:59\n", size),
    ]  # fmt: skip
    text = rng.choice(texts)()
    paths = [
        "params.yaml",
        "dvc.yaml",
        "dvc.lock",
        "a.dvc",
        "metrics.yaml",
        ".dvc/config",
        ".github/lineage-diff.yml",
    ]
    return Head(dict.fromkeys(rng.sample(paths, rng.randint(1, 3)), text.encode()))


def giant_values(rng: random.Random, size: int) -> Head:
    """Metrics and params with as many keys as there is room for, as every kind of file."""
    size = min(size, 8 * _MIB)
    rows = max(1, size // 22)
    made: Mapping[str, Callable[[], bytes]] = {
        "v.yaml": lambda: _numbered("k#: #\n", size),
        "v.json": lambda: json.dumps({f"key{n}": n / 7 for n in range(rows)}).encode(),
        "v.toml": lambda: _numbered("[t#]\nk = 0.5\n", size),
        "deep.json": lambda: json.dumps(
            {f"k{n}": {f"j{m}": m for m in range(100)} for n in range(rows // 60)}
        ).encode(),
        "list.json": lambda: json.dumps({"a": list(range(rows * 2))}).encode(),
        "text.json": lambda: json.dumps({"a": "\u00e9\ufe0f<|>" * (size // 20)}).encode(),
        "v.py": lambda: _numbered("k# = [1, {'a': #}]\n", min(size, 256 * _KIB)),
    }
    files = {path: made[path]() for path in rng.sample(sorted(made), rng.randint(1, 4))}
    stage = "stages:\n  s:\n    cmd: x\n    outs: [m.pt]\n"
    listed = "".join(f"    - {path}: {{cache: false}}\n" for path in files)
    params = "".join(f"    - {path}:\n" for path in files)
    text = (
        f"{stage}    metrics:\n{listed}" if rng.random() < 0.5 else f"{stage}    params:\n{params}"
    )
    return Head(files | {"dvc.yaml": text.encode()})


def generated(rng: random.Random, size: int) -> Head:
    """`foreach`, `matrix` and `vars` that make much out of little."""
    texts: list[Callable[[], str]] = [
        lambda: "stages:\n  s:\n    matrix:\n" + "".join(f"      d{i}: [0, 1, 2, 3, 4, 5, 6, 7, 8]\n" for i in range(rng.randint(3, 6))) + "    cmd: x ${item.d0}\n    outs: [m${item.d0}${item.d1}${item.d2}.pt]\n",  # noqa: E501
        lambda: f"stages:\n  s:\n    foreach: {list(range(min(59_000, size // 8)))}\n    do:\n      cmd: x ${{item}}\n      deps: [a.csv]\n      outs: ['${{item}}.pt']\n",  # noqa: E501
        lambda: f"vars:\n- big: {'x' * min(size, 4 * _MIB)}\nstages:\n" + _repeat("  s#:\n    cmd: echo ${big}\n    outs: ['#.pt']\n", min(size, 200 * _KIB)),  # noqa: E501
        lambda: "vars:\n- v0: [a, b]\n" + _repeat("- w#: ${v0}\n", size) + "stages:\n  s:\n    cmd: ${w1}\n",  # noqa: E501
        lambda: f"vars:\n- big: {{{_repeat('k#: 1, ', min(size, 2 * _MIB))}}}\nstages:\n  s:\n    foreach: ${{big}}\n    do:\n      cmd: x ${{key}}\n      outs: ['${{key}}.pt']\n",  # noqa: E501
        lambda: "vars:\n- a: ${b}\n- b: ${a}\nstages:\n  s:\n    cmd: ${a}\n",
        lambda: "stages:\n  s:\n    cmd: " + "${" * (size // 2) + "}\n",
        lambda: "vars:\n- v: 1\nstages:\n  s:\n    cmd: '" + "${v}" * (min(size, 4 * _MIB) // 4) + "'\n    outs: [m.pt]\n",  # noqa: E501
        lambda: "vars:\n- v: {a: [1, 2]}\nstages:\n" + _repeat("  s#:\n    foreach: ${v.a}\n    do:\n      cmd: x ${item}\n      params: [lr]\n      outs: ['#-${item}.pt']\n", min(size, 3 * _MIB)),  # noqa: E501
        lambda: "vars:\n- v: {a: " + "[" * 50 + "1" + "]" * 50 + "}\nstages:\n" + _repeat("  s#: {cmd: '${v}'}\n", size),  # noqa: E501
    ]  # fmt: skip
    text = rng.choice(texts)()
    return Head({"dvc.yaml": text.encode()})


def shared_values(rng: random.Random, size: int) -> Head:
    """One large values file that thousands of pipelines read, as `vars` or as params."""
    values = _numbered("k#: {a: #, b: [1, 2]}\n", min(size // 2, 4 * _MIB))
    use = rng.choice(["vars: [../v.yaml]\nstages:\n  s:\n    cmd: x ${k1.a}\n    outs: [m.pt]\n",
                      "stages:\n  s:\n    cmd: x\n    params: [../v.yaml: ]\n    outs: [m.pt]\n",
                      "stages:\n  s:\n    cmd: x\n    metrics: [v.yaml: {cache: false}]\n    outs: [m.pt]\n"])  # fmt: skip  # noqa: E501
    number = min(3_000, size // 200)
    files = {f"p{n}/dvc.yaml": use.encode() for n in range(number)}
    if "[v.yaml" in use:
        files |= {f"p{n}/v.yaml": values for n in range(number)}
    return Head(files | {"v.yaml": values})


def params_by_stages(rng: random.Random, size: int) -> Head:
    """Thousands of stages, each of which takes all the values of one file."""
    values = _numbered("k#: #\n", min(size // 4, 300 * _KIB))
    stages = _numbered(
        f"  s#:\n    cmd: x\n    params: [{rng.choice(['v.yaml:', 'v.yaml: [k1, k2, k9999]'])}]\n    outs: ['m#.pt']\n",  # noqa: E501
        size // 8,
    )
    files = {"dvc.yaml": b"stages:\n" + stages, "v.yaml": values}
    if rng.random() < 0.7:
        locked = _numbered(
            "  s#:\n    cmd: x\n    params:\n      v.yaml:\n        k1: 2\n    outs:\n    - path: m#.pt\n      md5: 00000000000000000000000000000001\n      size: 1\n",  # noqa: E501
            size // 4,
        )
        files["dvc.lock"] = b"schema: '2.0'\nstages:\n" + locked
    return Head(files)


def graph(rng: random.Random, size: int) -> Head:
    """Stages in a shape that costs: dense layers, ladders, one chain, one circle, a fan."""
    number = max(4, min(20_000, size // 700))
    shape = rng.choice([_layers, _ladder, _chain, _circle, _fan])
    return Head(_locked(shape(number)))


def many_outs(rng: random.Random, size: int) -> Head:
    """One stage or `.dvc` file with tens of thousands of outs or deps, models all."""
    number = max(1, min(90_000, size // 120))
    paths = [
        rng.choice([f"m{n}.pt", f"a/{n}/m.pt", f"m/{'x' * 50}{n}.onnx"]) for n in range(number)
    ]
    if rng.random() < 0.4:
        return Head({"outs.dvc": _dvc_file(paths)})
    return Head(_locked([_Stage("a", ["d.csv"], paths), _Stage("b", paths, ["last.pt"])]))


def many_dvc_files(rng: random.Random, size: int) -> Head:
    """Tens of thousands of `.dvc` files, imports among them."""
    number = min(50_000, size // 250)
    imported = (
        "deps:\n- path: d\n  repo: {url: https://example.com/#, rev_lock: abc}\n"
        if rng.random() < 0.5
        else ""
    )
    return Head({
        f"d/{n}.dvc": (imported.replace("#", str(n))).encode() + _dvc_file([f"{n}.{rng.choice(['csv', 'pkl'])}"])  # noqa: E501
        for n in range(number)
    })  # fmt: skip


def huge_lock(rng: random.Random, size: int) -> Head:
    """A lock of stages that are not there, of long texts, or in an odd layout."""
    row = rng.choice([
        "  s#:\n    cmd: x\n    outs:\n    - path: m#.pt\n      md5: 00000000000000000000000000000001\n      size: 1\n",  # noqa: E501
        "  s#: {cmd: x, outs: [{path: m#.pt, md5: '1', size: 1}]}\n",
        "  s#:\n    cmd: " + "y" * 5_000 + "\n",
        "  s#:\n    cmd: x\n    params:\n      params.yaml:\n        lr: " + "[1, 2, 3, " * 5 + "]" * 5 + "\n",  # noqa: E501
        "  ? s#\n  : cmd: x\n",
        "  train:\n    cmd: x#\n",
    ])  # fmt: skip
    lock = b"schema: '2.0'\nstages:\n" + _numbered(row, min(size, 45 * _MIB))
    return Head({"dvc.lock": lock})


def links(rng: random.Random, size: int) -> Head:
    """Links in circles and chains, at paths that stages depend on."""
    number = min(20_000, size // 200)
    targets = rng.choice([
        {f"l{n}": f"l{(n + 1) % number}" for n in range(number)},
        {f"l{n}": "." for n in range(number)},
        {f"l{n}": f"l{n}/l{n}" for n in range(number)},
        {f"l{n}": "a/" * 1_000 + "../" * 1_000 for n in range(min(2_000, number))},
        {f"l{n}": f"/etc/{n}" for n in range(number)},
        {"l0": ".", **{f"a{n}/dvc.yaml": "../dvc.yaml" for n in range(number)}},
    ])  # fmt: skip
    deps = [
        rng.choice([f"l{n}", f"l{n}/l1/l2/x", "l0/" * 30 + "x"]) for n in range(min(number, 2_000))
    ]
    return Head(_locked([_Stage("train", sorted(set(deps)), ["model.pkl"])]), links=targets)


def long_and_odd_names(rng: random.Random, size: int) -> Head:
    """Names of stages, outs and keys that are long, or hardly letters."""
    part = rng.choice(
        [
            "x",
            "\u3164",
            "\ufe0f",
            "\u202e",
            "e\u0301",
            "\U0001f600",
            "<b>",
            "|",
            "a b ",
            "[",
            "\u0e49",
            "_",
            "*",
            "`",
            "&",
        ]
    )
    length = rng.choice([1, 200, 20_000, 2_000_000])
    number = max(1, min(3_000, size // (length * len(part.encode()) * 6 + 600)))
    names = [part * min(length, size // 20) + str(n) for n in range(number)]
    stages = [_Stage(name.replace("/", ""), [f"{name}.csv"], [f"{name}.pt"]) for name in names]
    values = json.dumps(dict.fromkeys(names, 0.5)).encode()
    files = _locked(stages)
    files["dvc.yaml"] += b"metrics: [odd.json]\n"
    return Head(files | {"odd.json": values, "params.yaml": values})


def plots(rng: random.Random, size: int) -> Head:
    """Plots without number, of giant files."""
    rows = "step,acc\n" + _repeat("#,0.#\n", min(size // 2, 6 * _MIB))
    number = rng.choice([1, 50, 5_000])
    names = [f"plots/p{n}.csv" for n in range(number)]
    listed = "".join(f"- {name}: {{x: step, y: acc}}\n" for name in names)
    together = "- all:\n    x: step\n    y: {" + ", ".join(f"{name}: acc" for name in names) + "}\n"
    text = (
        "stages:\n  s:\n    cmd: x\n    outs: [m.pt]\nplots:\n"
        + listed
        + (together if rng.random() < 0.5 else "- plots\n")
    )
    points = [
        rows.encode(),
        b"[" + _numbered('{"step": #, "acc": 1},', min(size // 4, 3 * _MIB)) + b"{}]",
        b"a" * 1000 + b"\n",
    ]
    there = rng.choices(points, k=len(names))
    return Head({"dvc.yaml": text.encode(), **dict(zip(names, there, strict=True))})


def scripts(rng: random.Random, size: int) -> Head:
    """Scripts that import each other, are long, or odd to parse."""
    number = max(1, min(5_000, size // 400))
    everything = "".join(f"import m{n}\n" for n in range(number))
    body = rng.choice([
        everything,
        "import m#\nfrom .m# import *\nopen('d#.csv')\n",
        _repeat("x = [1, (2, {'a': 3})]\n", 100 * _KIB),
        "x = " + "+".join(["1"] * 50_000) + "\n",
        "if a:\n  x = 1\n" + "elif a:\n  x = 1\n" * 3_000,
        _repeat("open('data/#.csv')\n", 200 * _KIB),
        _repeat("import os.path.a#.b.c.d\n", 200 * _KIB),
        "f(" * 90 + ")" * 90 + "\n",
    ])  # fmt: skip
    files = {
        f"m{n}.py": body.replace("#", str(n + 1)).encode()
        for n in range(min(number, max(1, size // len(body))))
    }
    words = rng.choice(
        ["python m#.py", "python m#.py && python -m m0", "bash -c 'python m#.py' " + "a " * 1_000]
    )
    stages = "".join(
        f"  s{n}:\n    cmd: {words.replace('#', str(n))}\n    outs: [o{n}.pt]\n"
        for n in range(len(files))
    )
    return Head(files | {"dvc.yaml": b"stages:\n" + stages.encode()})


def python_values(rng: random.Random, size: int) -> Head:
    """Python files of params that exhaust a parser."""
    size = min(size, 250 * _KIB)
    text = rng.choice([
        "lr = " + "-" * size + "1\n",
        "lr = " + "(" * 50 + "1" + ")" * 50 + "\n",
        "lr = [" + "[1]," * (size // 4) + "]\n",
        _repeat("class A#:\n  x = 1\n", size),
        "lr = " + "+".join(["1"] * (size // 2)) + "\n",
        _repeat("lr = {'a#': 'b'}\n", size),
        "lr = '" + "\\x41" * (size // 4) + "'\n",
        "lr = 1" + " if a else 1" * (size // 12) + "\n",
        "lr = f'" + "{a}" * (size // 3) + "'\n",
        "x" + ".x" * (size // 2) + " = 1\n",
    ])  # fmt: skip
    stages = _numbered(
        "  s#:\n    cmd: x\n    params: [v.py: [lr, A1.x]]\n    outs: ['m#.pt']\n",
        min(size, 100 * _KIB),
    )
    return Head({"v.py": text.encode(), "dvc.yaml": b"stages:\n" + stages})


def conflict_markers(rng: random.Random, size: int) -> Head:
    """A merge that nobody finished, thousands of times in a file."""
    hunk = "<<<<<<< a\n  s#:\n    cmd: x\n=======\n  s#:\n    cmd: y\n>>>>>>> b\n"
    text = b"stages:\n" + _numbered(hunk, min(size, 14 * _MIB))
    return Head(
        dict.fromkeys(rng.sample(["dvc.yaml", "dvc.lock", "params.yaml", "metrics.yaml"], 2), text)
    )


def histories(rng: random.Random, size: int) -> Head:
    """Thousands of commits that write the lock anew, on lines that merge all the time."""
    number = max(2, min(4_000, size // 800))
    model = rng.choice(["model.pkl", "m{n}.pt"])
    steps = [
        Step(
            _locked([_Stage("train", ["train.py"], [model.format(n=n % 50)], f"{n % 1_000:032x}")])
            | {"metrics.json": json.dumps({"auc": n / number}).encode(), "params.yaml": f"lr: {n}\n".encode()},  # noqa: E501
            _parents(rng, n),
        )
        for n in range(number)
    ]  # fmt: skip
    return Head(steps[-1].files, history=steps)


def directories(rng: random.Random, size: int) -> Head:
    """Deps that are folders in folders, each with thousands of files."""
    depth = rng.choice([1, 30, 400])
    folders = ["/".join(["d"] * (n + 1)) for n in range(depth)]
    number = min(50_000, size // 60)
    place = rng.choice(folders)
    there = {f"{place}/f{n}.txt": b"" for n in range(number)}
    copies = min(3_000, size // 1_000)
    stages = [
        _Stage(f"s{n}", [folders[n % depth]], [f"m{n}.pt"], "1" * 32 + ".dir")
        for n in range(copies)
    ]
    return Head(there | _locked(stages))


def nested_outs(rng: random.Random, size: int) -> Head:
    """Outs inside outs, and the same out from thousands of stages."""
    number = max(2, min(3_000, size // 1_000))
    paths: list[Callable[[int], str]] = [
        lambda n: "o/" * (n % 500 + 1) + "m.pt",
        lambda n: "model.pkl",
        lambda n: "o/" * (n % 500 + 1) + "x",
    ]
    path = rng.choice(paths)
    stages = [_Stage(f"s{n}", [path(n + 1)], [path(n)]) for n in range(number)]
    return Head(_locked(stages))


def artifacts(rng: random.Random, size: int) -> Head:
    """Tens of thousands of artifacts, of one path or of as many."""
    path = rng.choice(["m#.pt", "model.pkl"])
    text = _numbered(f"  a#: {{path: {path}, type: model, desc: '<b>|#'}}\n", min(size, 8 * _MIB))
    return Head({"dvc.yaml": b"stages:\n  train: {cmd: x, outs: [model.pkl]}\nartifacts:\n" + text})


def pointers(rng: random.Random, size: int) -> Head:
    """Pointers of Git LFS, attributes and large files where stages look."""
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 9\n" % 0
    number = min(10_000, size // 200)
    files = {f"d/{n}.csv": pointer for n in range(number)}
    stage = _Stage("train", [*list(files)[:2_000], "big.bin"], ["model.pkl"])
    big = b"\0" * (size // 2)
    return Head(
        files
        | _locked([stage])
        | {"big.bin": big, ".gitattributes": _numbered("*.c# filter=lfs\n", size // 4)}
    )


PIECES: tuple[Piece, ...] = (
    ignore_rules, dotted_key, tree_of_trees, copies, deep_folders, yaml_text, giant_values,
    generated, shared_values, params_by_stages, graph, many_outs, many_dvc_files, huge_lock, links,
    long_and_odd_names, plots, scripts, python_values, conflict_markers, histories, directories,
    nested_outs, artifacts, pointers,
)  # fmt: skip


class _Stage:
    """A stage of a pipeline, as its name, paths and the hash of what it made."""

    def __init__(self, name: str, deps: Iterable[str], outs: Iterable[str], made: str = "") -> None:
        self.name, self.deps, self.outs = json.dumps(name), list(deps), list(outs)
        self.made = made or "2" * 32

    def declared(self) -> str:
        listed = "".join(f"    - {json.dumps(path)}\n" for path in self.deps)
        made = "".join(f"    - {json.dumps(path)}\n" for path in self.outs)
        return f"  {self.name}:\n    cmd: x\n    deps:\n{listed}    outs:\n{made}"

    def locked(self) -> str:
        taken = "".join(self._item(path) for path in self.deps)
        made = "".join(self._item(path) for path in self.outs)
        return f"  {self.name}:\n    cmd: x\n    deps:\n{taken}    outs:\n{made}"

    def _item(self, path: str) -> str:
        return f"    - path: {json.dumps(path)}\n      hash: md5\n      md5: {self.made}\n      size: 1\n"  # noqa: E501


def _locked(stages: Iterable[_Stage]) -> dict[str, bytes]:
    """Return a pipeline and its lock."""
    stages = list(stages)
    pipeline = "stages:\n" + "".join(stage.declared() for stage in stages)
    lock = "schema: '2.0'\nstages:\n" + "".join(stage.locked() for stage in stages)
    return {"dvc.yaml": pipeline.encode(), "dvc.lock": lock.encode()}


def _dvc_file(paths: Iterable[str]) -> bytes:
    items = (
        f"- path: {path}\n  md5: {md5(path.encode(), usedforsecurity=False).hexdigest()}\n  size: 1\n"  # noqa: E501
        for path in paths
    )
    return ("outs:\n" + "".join(items)).encode()


def _layers(number: int) -> list[_Stage]:
    """Layers of which each stage takes all outs of the layer before."""
    width = max(2, int(number**0.5 / 2))
    return [
        _Stage(f"s{layer}-{n}", [f"o{layer - 1}-{m}.pt" for m in range(width)], [f"o{layer}-{n}.pt"])  # noqa: E501
        for layer in range(max(1, number // width // 8))
        for n in range(width)
    ]  # fmt: skip


def _ladder(number: int) -> list[_Stage]:
    """Two ways at each step: the paths through it are without number."""
    return [
        _Stage(f"s{n}{side}", [f"o{n - 1}a.pt", f"o{n - 1}b.pt"], [f"o{n}{side}.pt"])
        for n in range(number // 2)
        for side in "ab"
    ]


def _chain(number: int) -> list[_Stage]:
    return [_Stage(f"s{n}", [f"o{n - 1}.pt"], [f"o{n}.pt"]) for n in range(number)]


def _circle(number: int) -> list[_Stage]:
    return [_Stage(f"s{n}", [f"o{(n - 1) % number}.pt"], [f"o{n}.pt"]) for n in range(number)]


def _fan(number: int) -> list[_Stage]:
    """Many data, one stage that takes all, and as many that take its out."""
    data = [_Stage(f"d{n}", ["raw.csv"], [f"d{n}.csv"]) for n in range(number // 2)]
    middle = _Stage("join", [f"d{n}.csv" for n in range(number // 2)], ["join.bin"])
    return [
        *data,
        middle,
        *(_Stage(f"m{n}", ["join.bin"], [f"m{n}.pt"]) for n in range(number // 2)),
    ]


def _parents(rng: random.Random, number: int) -> tuple[int, ...]:
    """Return the parents of a commit: the one before, and often others, some of them old."""
    others = (
        {rng.randrange(-1, number) for _ in range(rng.choice([0, 0, 1, 1, 5]))} if number else set()
    )
    return (number - 1, *sorted(others - {number - 1}))


def _repeat(item: str, size: int) -> str:
    """Return `item` with numbers in the place of `#`, until there is enough of it."""
    return "".join(item.replace("#", str(number)) for number in range(max(1, size // len(item))))


def _numbered(item: str, size: int) -> bytes:
    return _repeat(item, size).encode()
