"""A project with every kind of edge: folders, parts, params files, addresses, links, an import."""

from tests.support.git_repo import GitRepo

_FILES = {
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
  look: {cmd: l, deps: [newest], outs: [seen]}
""",
    "dvc.lock": """schema: '2.0'
stages:
  split: {cmd: s, outs: [{path: data/a, md5: '222'}, {path: data/b, md5: '333'}]}
  join:
    cmd: j
    deps: [{path: data, md5: 444.dir}, {path: 's3://bucket/key', etag: eee}]
    outs: [{path: all, md5: 555.dir}]
  part:
    cmd: p
    deps: [{path: all/part.csv, md5: '666'}]
    outs: [{path: 'gs://bucket/part', etag: '777'}]
  train:
    cmd: t
    deps: [{path: 'gs://bucket/part', etag: '777'}, {path: raw, md5: '111'}]
    params: {b.yaml: {lr: 0.5}}
    outs: [{path: model.pkl, md5: '999', size: 12}]
  tune: {cmd: t, outs: [{path: b.yaml, md5: '888'}]}
  look: {cmd: l, deps: [{path: newest, md5: 555.dir}], outs: [{path: seen, md5: 'sss'}]}
""",
    "raw.dvc": """frozen: true
deps: [{path: data/raw, repo: {url: 'git@github.com:acme/data.git', rev_lock: abc}}]
outs: [{path: raw, md5: '111'}]
""",
}


def write_layout(repo: GitRepo, cloud: str = "gs") -> None:
    """Write and commit the project, with an out in a cloud. `newest` is a link to an out."""
    for path, text in _FILES.items():
        repo.write(path, text.replace("gs://", f"{cloud}://"))
    repo.symlink("newest", "all")
    repo.commit()
