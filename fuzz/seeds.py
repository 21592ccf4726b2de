"""Documents of every kind that is read, for mutation to begin with."""

PIPELINE = b"""\
vars: [params.yaml, {who: x, deep: {list: [1, 2]}}]
stages:
  prepare:
    cmd: python src/prepare.py ${who}
    deps: [data/raw.csv, src/prepare.py]
    params: [split, other.toml: [a.b]]
    outs: [data/prepared: {cache: true, persist: true}]
  train:
    wdir: sub
    cmd: [python train.py, echo done]
    deps: [../data/prepared]
    params:
    - ../params.yaml: [lr]
    - ../other.toml:
    outs: [model.pkl: {type: model, desc: the model}]
    metrics: [metrics.json: {cache: false}]
    plots: [loss.csv: {x: step, y: loss, template: linear}]
  each:
    foreach: [a, b]
    do: {cmd: "run ${item}", outs: ["out/${item}.bin"], frozen: true}
  grid:
    matrix: {size: [1, 2], kind: [x, y]}
    cmd: run ${item.size} ${key}
    always_changed: true
metrics: [metrics.json]
params: [params.yaml]
plots: [loss.csv, {curves: {x: step, y: {loss.csv: [loss, acc]}, title: Curves}}]
artifacts: {churn: {path: sub/model.pkl, type: model, labels: [a], meta: {k: v}}}
"""
LOCK = b"""\
schema: '2.0'
stages:
  prepare:
    cmd: python src/prepare.py x
    deps:
    - path: data/raw.csv
      hash: md5
      md5: 22a1a2931c8370d3aeedd7183606fd7f
      size: 14
    - path: src/prepare.py
      md5: f09ea0c15980b43010257ccb9f0055e2
      size: 1576
      isexec: true
    params:
      params.yaml:
        split: 0.2
        deep:
          list:
          - 1
          - 2
    outs:
    - path: data/prepared
      hash: md5
      md5: 153aad06d376b6595932470e459ef42a.dir
      size: 8437363
      nfiles: 2
  each@a:
    cmd: run a
    outs:
    - path: out/a.bin
      etag: '"abc"'
      version_id: x
"""
LOCK_1 = b"""\
train:
  cmd: python train.py
  deps:
  - path: a
    md5: 22a1a2931c8370d3aeedd7183606fd7f
"""
DVC_FILE = b"""\
wdir: .
md5: 33a1a2931c8370d3aeedd7183606fd7f
frozen: true
meta: {by: me}
deps:
- path: data.xml
  repo: {url: https://example.com/registry, rev: main, rev_lock: 96fdd8f12c14fa58cdb7adaa7f4dd9ac}
outs:
- md5: 22a1a2931c8370d3aeedd7183606fd7f
  size: 14445097
  hash: md5
  path: raw.csv
  cloud: {s3: {etag: abc, version_id: x}}
  files: [{relpath: a, md5: 22a1a2931c8370d3aeedd7183606fd7f, size: 1}]
"""
POLICY = b"""\
models: ["**/*.onnx"]
ignore: ["examples/**"]
rules: {stale-model: error, metric-missing: 'off'}
metrics: {accuracy: {better: higher, tolerance: 1%}, "*loss": {better: lower, tolerance: 0.01}}
data: {"data/*": {tolerance: 50%}}
silence: [{rule: stale-stage, reason: known, path: train}]
mlflow: {commit: [dvc_commit]}
fetch: [metrics]
"""
YAML = b"""\
split: 0.2
lr: 1e-3
name: "x"
nested: {a: [1, .inf, ~, true, 0o17, 0x1f, 1_000], b: &anchor {c: 'd'}, e: *anchor}
text: |
  line
folded: >-
  more
? complex
: value
"""
JSON = b'{"acc": 0.9, "loss": {"train": 1e-3, "test": NaN}, "list": [1, null, "x\\u00e9"], "n": -1}'
TOML = (
    b'a.b = 1\n[train]\nlr = 0.1\nd = 2001-01-01T00:00:00Z\n[[x]]\ny = """t"""\nz = {k = [1, 2]}\n'
)
PYTHON = b'import os\nlr = 0.1\nNAME: str = "x"\nclass Train:\n    epochs = 10\n    def __init__(self):\n        self.seed = -1\nd = {"a": (1, 2), "b": {3}}\n'  # noqa: E501
CSV = b"step,loss,acc\n0,1.0,0.1\n1,0.5,0.2\n"
IGNORE = b"# comment\n*.tmp\n!keep.tmp\n/data/**/x\nfolder/\n[a-c]?\\#\n"
EVENT = b"""\
{"action": "opened", "number": 7,
 "repository": {"full_name": "a/b", "private": false, "default_branch": "main"},
 "pull_request": {"number": 7,
  "head": {"sha": "%s", "ref": "x", "repo": {"full_name": "a/b"}},
  "base": {"sha": "%s", "ref": "main", "repo": {"full_name": "a/b"}}}}
""" % (b"a" * 40, b"b" * 40)

# What mutation puts in: what the readers look for.
WORDS = (
    b"\n",
    b"  ",
    b"- ",
    b": ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!",
    b"!x ",
    b"|",
    b">",
    b"'",
    b'"',
    b"#",
    b"%",
    b"---\n",
    b"...\n",
    b"\t",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"${",
    b"${item}",
    b"${key}",
    b"~",
    b"null",
    b"true",
    b".nan",
    b"-.inf",
    b"1e999",
    b"9" * 40,
    b"0x",
    b"0b1",
    b"../",
    b"/",
    b"://",
    b"..",
    b".dir",
    b"md5: ",
    b"path: ",
    b"cmd: ",
    b"deps:\n",
    b"outs:\n",
    b"foreach: ",
    b"matrix: ",
    b"vars: ",
    b"stages:\n",
    b"schema: '2.0'\n",
    b"<<<<<<< a\n",
    b"=======\n",
    b">>>>>>> b\n",
    b"**",
    b"\\",
    b"\xe2\x80\xae",
    b"@everyone",
    b"::error::",
    b"\x1b[2J",
)
