"""A project with every kind of edge: folders, parts, params files, addresses, an import."""

LAYOUT = {
    ".dvc/config": "",
    "dvc.yaml": """stages:
  split: {cmd: s, outs: [data/a, data/b]}
  join: {cmd: j, deps: [data, 's3://bucket/key'], outs: [all]}
  part: {cmd: p, deps: [all/part.csv], outs: ['gs://bucket/part']}
  train:
    cmd: t
    desc: Train it
    deps: ['gs://bucket/part', raw]
    params: [b.yaml: [lr]]
    outs: [model.pkl: {desc: The model, labels: [churn]}]
  tune: {cmd: t, outs: [b.yaml]}
""",
    "dvc.lock": """schema: '2.0'
stages:
  split: {cmd: s, outs: [{path: data/a, md5: '2'}, {path: data/b, md5: '3'}]}
  join:
    cmd: j
    deps: [{path: data, md5: 4.dir}, {path: 's3://bucket/key', etag: e}]
    outs: [{path: all, md5: 5.dir}]
  part:
    cmd: p
    deps: [{path: all/part.csv, md5: '6'}]
    outs: [{path: 'gs://bucket/part', etag: '7'}]
  train:
    cmd: t
    deps: [{path: 'gs://bucket/part', etag: '7'}, {path: raw, md5: '1'}]
    params: {b.yaml: {lr: 0.5}}
    outs: [{path: model.pkl, md5: '9', size: 12}]
  tune: {cmd: t, outs: [{path: b.yaml, md5: '8'}]}
""",
    "raw.dvc": """frozen: true
deps: [{path: data/raw, repo: {url: 'git@github.com:acme/data.git', rev_lock: abc}}]
outs: [{path: raw, md5: '1'}]
""",
}
