"""Small projects of many kinds, most of them broken: what DVC says of each is its own to say.

Each table holds what differs within one kind; `CASES` are the files of all, by kind and name.
"""

Text = str | bytes
Files = dict[str, Text]

STAGE = "stages:\n  a:\n    cmd: x\n"
WITH_DEP = f"{STAGE}    deps: [f]\n"
ENTRY = "schema: '2.0'\nstages:\n  a:\n    cmd: x\n"
DEP = f"{ENTRY}    deps:\n    - path: f\n      md5: aaaa\n"
LISTED = f"      hash: md5\n      md5: {'0' * 31}1.dir\n      size: 1\n      nfiles: 1\n"
MD5 = "a" * 32

# The `params.yaml` beside a dvc.yaml that uses none of it.
PARAMS: dict[str, Text] = {
    "conflict": "<<<<<<< a\nx: 1\n=======\nx: 2\n>>>>>>> b\n",
    "syntax": "x: 1\n y: 2\n",
    "dup": "x: 1\nx: 2\n",
    "twodocs": "x: 1\n---\ny: 1\n",
    "date": "x: 1\nd: 2024-01-02\n",
    "datetime": "d: 2024-01-02 10:00:00\n",
    "datekey": "2024-01-02: 1\n",
    "list": "- 1\n",
    "text": "abc\n",
    "empty": "",
    "null": "~\n",
    "number": "3\n",
    "zero": "0\n",
    "false": "false\n",
    "emptylist": "[]\n",
    "intkey": "1: 2\n",
    "boolkey": "true: 1\n",
    "nullkey": "~: 1\n",
    "floatkey": "1.5: 2\n",
    "tuplekey": "[1, 2]: 3\n",
    "set": "s: !!set {a, b}\n",
    "binary": "b: !!binary aGVsbG8=\n",
    "omap": "o: !!omap [a: 1]\n",
    "tag": "t: !foo 1\n",
    "nested-date": "a: [{b: 2024-01-02}]\n",
    "dotkey": "a.b: 1\na: {b: 2}\n",
    "nan": "n: .nan\n",
    "dupnested": "a: {b: 1, b: 2}\n",
    "merge": "a: &x {b: 1}\nc: {<<: *x, d: 1}\n",
    "bom": "\ufeffx: 1\n",
    "crlf": "x: 1\r\ny: 2\r\n",
    "tab": "x:\t1\n",
    "tabindent": "x:\n\ty: 1\n",
    "docstart": "---\nx: 1\n",
    "docend": "x: 1\n...\n",
    "docend2": "x: 1\n...\ny: 2\n",
    "yaml11": "%YAML 1.1\n---\nx: yes\n",
    "value": "x: =\n",
    "pairs": "p: !!pairs [a: 1]\n",
    "ctrl": 'x: "a\x07b"\n',
    "rawctrl": "x: a\x07b\n",
    "nbsp": "x:\xa01\n",
    "markers-in-block": "x: |\n  <<<<<<< a\n  >>>>>>> b\n",
    "markers-text": "<<<<<<< a: 1\n",
    "int-dup": "1: 2\n0x1: 3\n",
    "strsub": "x: ${y}\n",
    "itemkey": "item: 1\nkey: 2\n",
    "utf16": b"\xff\xfex\x00:\x00 \x001\x00\n\x00",
    "latin1": b"x: \xe9\n",
}
# Where params and variables are.
VARIABLES: dict[str, Files] = {
    "folder": {"dvc.yaml": "vars: [src]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n"},
    "dvcignored-broken": {
        "dvc.yaml": WITH_DEP,
        "params.yaml": "x: [\n",
        ".dvcignore": "params.yaml\n",
    },
    "root-broken-sub-pipeline": {"sub/dvc.yaml": WITH_DEP, "sub/f": "1", "params.yaml": "x: [\n"},
    "sub-broken": {"sub/dvc.yaml": WITH_DEP, "sub/f": "1", "sub/params.yaml": "x: [\n"},
    "stage-wdir-broken": {"dvc.yaml": STAGE + "    wdir: src\n", "src/params.yaml": "x: [\n"},
    "no-stages": {"dvc.yaml": "metrics: [m.json]\n", "params.yaml": "x: [\n"},
    "empty-dvcyaml": {"dvc.yaml": "", "params.yaml": "x: [\n"},
    "only-dvcfile": {
        "params.yaml": "x: [\n",
        "f.dvc": "outs:\n- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  path: g\n",
    },
    "pattern-of-one": {
        "dvc.yaml": STAGE + "    params: ['m.*']\n",
        "params.yaml": "m: {a: 1}\n",
        "dvc.lock": "schema: '2.0'\nstages:\n  a:\n    cmd: x\n    params:\n      params.yaml:\n        m.*: 1\n",  # noqa: E501
    },
    "pattern-of-two": {
        "dvc.yaml": STAGE + "    params: ['m.*']\n",
        "params.yaml": "m: {a: 1, b: 2}\n",
        "dvc.lock": "schema: '2.0'\nstages:\n  a:\n    cmd: x\n    params:\n      params.yaml:\n        m.*: 1\n",  # noqa: E501
    },
    "pattern-of-none": {
        "dvc.yaml": STAGE + "    params: ['q.*']\n",
        "params.yaml": "m: {a: 1, b: 2}\n",
        "dvc.lock": "schema: '2.0'\nstages:\n  a:\n    cmd: x\n    params:\n      params.yaml:\n        q.*: 1\n",  # noqa: E501
    },
    "yml-broken": {"dvc.yaml": WITH_DEP, "params.yml": "x: [\n"},
    "deep": {
        "dvc.yaml": WITH_DEP,
        "params.yaml": "x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",  # noqa: E501
    },
    "top-missing": {"dvc.yaml": "vars: [v.yaml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n"},
    "stage-missing": {"dvc.yaml": WITH_DEP + "    vars: [v.yaml]\n"},
    "top-date": {
        "dvc.yaml": "vars: [v.yaml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.yaml": "d: 2024-01-02\n",
    },
    "stage-date": {"dvc.yaml": WITH_DEP + "    vars: [v.yaml]\n", "v.yaml": "d: 2024-01-02\n"},
    "top-list": {
        "dvc.yaml": "vars: [v.yaml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.yaml": "- 1\n",
    },
    "stage-list": {"dvc.yaml": WITH_DEP + "    vars: [v.yaml]\n", "v.yaml": "- 1\n"},
    "top-syntax": {
        "dvc.yaml": "vars: [v.yaml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.yaml": "x: [\n",
    },
    "stage-syntax": {"dvc.yaml": WITH_DEP + "    vars: [v.yaml]\n", "v.yaml": "x: [\n"},
    "json-bad": {
        "dvc.yaml": "vars: [v.json]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.json": "{",
    },
    "json-list": {
        "dvc.yaml": "vars: [v.json]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.json": "[]",
    },
    "json-empty": {
        "dvc.yaml": "vars: [v.json]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.json": "",
    },
    "toml-bad": {
        "dvc.yaml": "vars: [v.toml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.toml": "y =\n",
    },
    "toml-date": {
        "dvc.yaml": "vars: [v.toml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.toml": "y = 2024-01-02\n",
    },
    "toml-ok": {
        "dvc.yaml": "vars: [v.toml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.toml": "y = 1\n",
    },
    "py-bad": {
        "dvc.yaml": "vars: [v.py]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.py": "x = (\n",
    },
    "py-ok": {
        "dvc.yaml": "vars: [v.py]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "v.py": "x = 1\ny = {1: 2}\nz={1,2}\n",
    },
    "keys-missing": {
        "dvc.yaml": 'vars: ["v.yaml:zz"]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n',
        "v.yaml": "x: 1\n",
    },
    "keys-ok": {
        "dvc.yaml": 'vars: ["v.yaml:x"]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n',
        "v.yaml": "x: 1\n",
    },
    "keys-ok-date-elsewhere": {
        "dvc.yaml": 'vars: ["v.yaml:x"]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n',
        "v.yaml": "x: 1\nd: 2024-01-02\n",
    },
    "keys-intkey": {
        "dvc.yaml": 'vars: ["v.yaml:1"]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n',
        "v.yaml": "1: 1\n",
    },
    "conflict-keys": {
        "dvc.yaml": "vars: [{x: 2}]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "params.yaml": "x: 1\n",
    },
    "merge-dicts": {
        "dvc.yaml": "vars: [{x: {b: 2}}]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "params.yaml": "x: {a: 1}\n",
    },
    "interpolated": {
        "dvc.yaml": 'vars: ["${x}.yaml"]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n',
        "params.yaml": "x: 1\n",
    },
    "date-inline": {
        "dvc.yaml": "vars: [{d: 2024-01-02}]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n"
    },
    "params-again": {
        "dvc.yaml": "vars: [params.yaml]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n",
        "params.yaml": "x: 1\n",
    },
    "params-partly": {
        "dvc.yaml": 'vars: ["params.yaml:x"]\nstages:\n  a:\n    cmd: x\n    deps: [f]\n',
        "params.yaml": "x: 1\n",
    },
    "empty-list": {"dvc.yaml": "vars: []\nstages:\n  a:\n    cmd: x\n    deps: [f]\n"},
}
# A params file of one stage, which has run.
TAKEN: dict[str, Files] = {
    "toml": {
        "dvc.yaml": STAGE + "    params: [{p.toml: [x]}]\n",
        "p.toml": "y =\n",
        "dvc.lock": ENTRY + "    params:\n      p.toml:\n        x: 1\n",
    },
    "json": {
        "dvc.yaml": STAGE + "    params: [{p.json: [x]}]\n",
        "p.json": "{",
        "dvc.lock": ENTRY + "    params:\n      p.json:\n        x: 1\n",
    },
    "py": {
        "dvc.yaml": STAGE + "    params: [{p.py: [x]}]\n",
        "p.py": "x = (\n",
        "dvc.lock": ENTRY + "    params:\n      p.py:\n        x: 1\n",
    },
    "yaml": {
        "dvc.yaml": STAGE + "    params: [{p.yaml: [x]}]\n",
        "p.yaml": "x: [\n",
        "dvc.lock": ENTRY + "    params:\n      p.yaml:\n        x: 1\n",
    },
    "yaml-list": {
        "dvc.yaml": STAGE + "    params: [{p.yaml: [x]}]\n",
        "p.yaml": "- 1\n",
        "dvc.lock": ENTRY + "    params:\n      p.yaml:\n        x: 1\n",
    },
    "json-list": {
        "dvc.yaml": STAGE + "    params: [{p.json: [x]}]\n",
        "p.json": "[1]",
        "dvc.lock": ENTRY + "    params:\n      p.json:\n        x: 1\n",
    },
    "yaml-dup": {
        "dvc.yaml": STAGE + "    params: [{p.yaml: [x]}]\n",
        "p.yaml": "x: 1\nx: 2\n",
        "dvc.lock": ENTRY + "    params:\n      p.yaml:\n        x: 1\n",
    },
    "yaml-date": {
        "dvc.yaml": STAGE + "    params: [{p.yaml: [x]}]\n",
        "p.yaml": "x: 1\nd: 2024-01-02\n",
        "dvc.lock": ENTRY + "    params:\n      p.yaml:\n        x: 1\n",
    },
    "toml-ok": {
        "dvc.yaml": STAGE + "    params: [{p.toml: [x]}]\n",
        "p.toml": "x = 1\n",
        "dvc.lock": ENTRY + "    params:\n      p.toml:\n        x: 1\n",
    },
    "json-ok": {
        "dvc.yaml": STAGE + "    params: [{p.json: [x]}]\n",
        "p.json": '{"x": 1}',
        "dvc.lock": ENTRY + "    params:\n      p.json:\n        x: 1\n",
    },
    "py-ok": {
        "dvc.yaml": STAGE + "    params: [{p.py: [x]}]\n",
        "p.py": "x = 1\n",
        "dvc.lock": ENTRY + "    params:\n      p.py:\n        x: 1\n",
    },
    "utf16": {
        "dvc.yaml": STAGE + "    params: [{p.yaml: [x]}]\n",
        "p.yaml": b"\xff\xfex\x00:\x00 \x001\x00\n\x00",
        "dvc.lock": ENTRY + "    params:\n      p.yaml:\n        x: 1\n",
    },
    "json-empty": {
        "dvc.yaml": STAGE + "    params: [{p.json: [x]}]\n",
        "p.json": "",
        "dvc.lock": ENTRY + "    params:\n      p.json:\n        x: 1\n",
    },
    "yaml-empty": {
        "dvc.yaml": STAGE + "    params: [{p.yaml: [x]}]\n",
        "p.yaml": "",
        "dvc.lock": ENTRY + "    params:\n      p.yaml:\n        x: 1\n",
    },
    "json-nan": {
        "dvc.yaml": STAGE + "    params: [{p.json: [x]}]\n",
        "p.json": '{"x": NaN}',
        "dvc.lock": ENTRY + "    params:\n      p.json:\n        x: 1\n",
    },
    "json-bom": {
        "dvc.yaml": STAGE + "    params: [{p.json: [x]}]\n",
        "p.json": '\ufeff{"x": 1}',
        "dvc.lock": ENTRY + "    params:\n      p.json:\n        x: 1\n",
    },
    "whole-toml": {
        "dvc.yaml": STAGE + "    params: [{p.toml: }]\n",
        "p.toml": "y =\n",
        "dvc.lock": ENTRY + "    params:\n      p.toml:\n        x: 1\n",
    },
    "frozen": {
        "dvc.yaml": STAGE + "    frozen: true\n    params: [{p.toml: [x]}]\n",
        "p.toml": "y =\n",
        "dvc.lock": ENTRY + "    params:\n      p.toml:\n        x: 1\n",
    },
    "top-level": {"dvc.yaml": STAGE + "params: [p.toml]\n", "p.toml": "y =\n"},
    "folder": {"dvc.yaml": STAGE + "    params: [{p: [x]}]\n", "p/x.yaml": "x: 1\n"},
    "missing": {"dvc.yaml": STAGE + "    params: [{p.yaml: [x]}]\n"},
}
# `.dvcignore`, with the outs that it may hide.
IGNORED: dict[str, Files] = {
    "star": {"dvc.yaml": STAGE + "    outs: [o.tmp]\n", ".dvcignore": "*.tmp\n"},
    "exact": {"dvc.yaml": STAGE + "    outs: [m.json]\n", ".dvcignore": "m.json\n"},
    "folder": {"dvc.yaml": STAGE + "    outs: [ign/o]\n", ".dvcignore": "ign\n"},
    "folder/": {"dvc.yaml": STAGE + "    outs: [ign/o]\n", ".dvcignore": "ign/\n"},
    "negated": {"dvc.yaml": STAGE + "    outs: [o.tmp]\n", ".dvcignore": "*.tmp\n!o.tmp\n"},
    "negated-in-folder": {
        "dvc.yaml": STAGE + "    outs: [ign/o]\n",
        ".dvcignore": "ign/*\n!ign/o\n",
    },
    "folder-negated": {"dvc.yaml": STAGE + "    outs: [ign/o]\n", ".dvcignore": "ign\n!ign/o\n"},
    "anchored": {"dvc.yaml": STAGE + "    outs: [sub/o]\n", ".dvcignore": "/o\n"},
    "anchored2": {"dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "/o\n"},
    "dironly": {"dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "o/\n"},
    "nested": {"dvc.yaml": STAGE + "    outs: [sub/a/o]\n", ".dvcignore": "sub/**\n"},
    "comment": {"dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "# o\n"},
    "question": {"dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "?\n"},
    "class": {"dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "[no]\n"},
    "dstar": {"dvc.yaml": STAGE + "    outs: [a/b/o]\n", ".dvcignore": "**/o\n"},
    "trail": {"dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "o \n"},
    "case": {"dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "O\n"},
    "file-itself": {"dvc.yaml": STAGE + "    outs: [g]\n", ".dvcignore": "f\n"},
    "sub": {"dvc.yaml": STAGE + "    outs: [sub/o]\n", "sub/.dvcignore": "o\n"},
    "sub-other": {"dvc.yaml": STAGE + "    outs: [o]\n", "sub/.dvcignore": "o\n"},
    "sub-wdir": {"sub/dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "/sub/o\n"},
    "pipeline-too": {"sub/dvc.yaml": STAGE + "    outs: [o]\n", ".dvcignore": "sub\n"},
    "dep": {"dvc.yaml": WITH_DEP, ".dvcignore": "f\n"},
    "params": {
        "dvc.yaml": STAGE + "    params: [x]\n",
        "params.yaml": "x: 1",
        ".dvcignore": "params.yaml\n",
    },
    "plots": {"dvc.yaml": STAGE + "    plots: [p.csv]\n", ".dvcignore": "*.csv\n"},
    "dvcfile": {
        "g.dvc": "outs:\n- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  path: g\n",
        ".dvcignore": "/g\n",
    },
    "dvcfile-gone": {
        "g.dvc": "outs:\n- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  path: g\n",
        ".dvcignore": "g*\n",
    },
    "external-abs": {
        "dvc.yaml": STAGE + "    outs: [{/tmp/x.tmp: {cache: false}}]\n",
        ".dvcignore": "*.tmp\n",
    },
    "lock": {"dvc.yaml": WITH_DEP, "dvc.lock": "", ".dvcignore": "dvc.lock\n"},
    "backslash": {"dvc.yaml": WITH_DEP, ".dvcignore": "x\\\n"},
    "backslash2": {"dvc.yaml": WITH_DEP, ".dvcignore": "x\\\\\n"},
    "backslash-space": {"dvc.yaml": WITH_DEP, ".dvcignore": "x\\ \n"},
    "backslash-only": {"dvc.yaml": WITH_DEP, ".dvcignore": "\\\n"},
    "backslash-mid": {"dvc.yaml": WITH_DEP, ".dvcignore": "a\\/b\n"},
    "backslash-dir": {"dvc.yaml": WITH_DEP, ".dvcignore": "a\\/\n"},
    "backslash-comment": {"dvc.yaml": WITH_DEP, ".dvcignore": "# x\\\n"},
    "backslash-sub": {"dvc.yaml": WITH_DEP, "sub/.dvcignore": "x\\\n", "sub/a": "1"},
    "backslash-sub2": {"dvc.yaml": WITH_DEP, "sub/dvc.yaml": STAGE, "sub/.dvcignore": "x\\\n"},
    "bang-only": {"dvc.yaml": WITH_DEP, ".dvcignore": "!\n"},
    "slash-only": {"dvc.yaml": WITH_DEP, ".dvcignore": "/\n"},
    "star3": {"dvc.yaml": WITH_DEP, ".dvcignore": "***\n"},
    "badclass": {"dvc.yaml": WITH_DEP, ".dvcignore": "a[\n"},
    "badclass2": {"dvc.yaml": WITH_DEP, ".dvcignore": "a[z-a]\n"},
    "latin1": {"dvc.yaml": WITH_DEP, ".dvcignore": b"\xe9\n"},
    "sub-latin1": {"dvc.yaml": WITH_DEP, "sub/.dvcignore": b"\xe9\n"},
}
# `.dvcignore` in the folder `src`, which DVC hashes: as a dep that no lock records, and recorded.
IN_DEP: dict[str, Files] = {
    "plain": {"src/.dvcignore": "*.pyc\n"},
    "deeper": {"src/b/.dvcignore": "x\n"},
    "empty": {"src/.dvcignore": ""},
    "itself-ignored": {"src/.dvcignore": "x\n", ".dvcignore": "src/.dvcignore\n"},
    "all-ignored": {"src/b/.dvcignore": "x\n", ".dvcignore": "src/b\n"},
    "ignores-itself": {"src/.dvcignore": ".dvcignore\n"},
}
DECLARED_DEP: Files = {"dvc.yaml": STAGE + "    deps: [src]\n", "src/a": "1"}
LOCKED_DEP = DECLARED_DEP | {"dvc.lock": ENTRY + "    deps:\n    - path: src\n" + LISTED}
# And in other such folders.
INSIDE: dict[str, Files] = {
    "out-nocache-locked": {
        "dvc.yaml": STAGE + "    outs: [{o: {cache: false}}]\n",
        "o/.dvcignore": "x\n",
        "o/b": "1",
        "dvc.lock": ENTRY + "    outs:\n    - path: o\n" + LISTED,
    },
    "root-dep": {
        "dvc.yaml": STAGE + "    deps: ['.']\n",
        ".dvcignore": "x\n",
        "dvc.lock": ENTRY + "    deps:\n    - path: .\n" + LISTED,
    },
    "frozen": {
        "dvc.yaml": STAGE + "    frozen: true\n    deps: [src]\n",
        "src/.dvcignore": "x\n",
        "dvc.lock": ENTRY + "    deps:\n    - path: src\n" + LISTED,
    },
    "in-subproject": {
        "dvc.yaml": STAGE + "    deps: [src]\n",
        "src/a": "1",
        "src/p/.dvc/config": "",
        "src/p/.dvcignore": "x\n",
    },
}
# What a stage names.
PATHS: dict[str, Text] = {
    "dep-dvc": "    deps: [f.dvc]\n",
    "dep-yaml": "    deps: [dvc.yaml]\n",
    "params-yaml": "    params: [{dvc.yaml: [stages]}]\n",
    "out-subyaml": "    outs: [sub/dvc.yaml]\n",
    "out-dvc": "    outs: [x.dvc]\n",
    "dep-lock": "    deps: [dvc.lock]\n",
    "dep-yml": "    deps: [dvc.yml]\n",
    "dep-.dvc": "    deps: [.dvc]\n",
    "dep-.dvcconfig": "    deps: [.dvc/config]\n",
    "dep-dvcignore": "    deps: [.dvcignore]\n",
    "out-lock": "    outs: [dvc.lock]\n",
    "out-in-.dvc": "    outs: [.dvc/x]\n",
    "out-.git": "    outs: [.git/x]\n",
    "out-in-sub-.dvc": "    outs: [sub/.dvc/x]\n",
    "out-.hg": "    outs: [.hg/x]\n",
    "out-.hg-itself": "    outs: [.hg]\n",
    "out-gitfolder": "    outs: [.git]\n",
    "metrics-dvc": "    metrics: [m.dvc]\n",
    "dep-dvcdir": "    deps: [sub/x.dvc/y]\n",
    "dep-trailing": "    deps: [x.dvc/]\n",
    "dep-DVC": "    deps: [X.DVC]\n",
    "dep-mydvc.yaml": "    deps: [mydvc.yaml]\n",
    "dep-dotslash": "    deps: [./dvc.yaml]\n",
    "empty-out": "    outs: ['']\n",
    "empty-dep": "    deps: ['']\n",
    "empty-params": "    params: ['']\n",
    "empty-params-file": "    params: [{'': [x]}]\n",
    "space-out": "    outs: [' ']\n",
    "out-root": "    outs: ['.']\n",
    "out-up": "    outs: [{../x: {cache: false}}]\n",
    "out-up-cached": "    outs: [../x]\n",
    "out-slash": "    outs: [o/]\n",
    "newline-out": '    outs: ["a\\nb"]\n',
    "out-twice": "    outs: [o, o]\n",
    "out-metric-twice": "    outs: [o]\n    metrics: [o]\n",
    "dep-out": "    deps: [o]\n    outs: [o]\n",
    "dep-twice": "    deps: [f, f]\n",
    "dep-twice2": "    deps: [f, ./f]\n",
    "wdir-out": "    wdir: ../..\n",
    "wdir-up": "    wdir: ..\n",
    "wdir-up-outs": "    wdir: ..\n    outs: [o]\n",
    "wdir-missing": "    wdir: nowhere\n",
    "wdir-missing-out": "    wdir: nowhere\n    outs: [o]\n",
    "wdir-file": "    wdir: f\n",
    "wdir-abs": "    wdir: /tmp\n",
    "wdir-empty": "    wdir: ''\n",
    "wdir-out-dep": "    wdir: ../..\n    deps: [f]\n",
    "wdir-out-out": "    wdir: ../..\n    outs: [o]\n",
    "wdir-out-nocache": "    wdir: ../..\n    outs: [{o: {cache: false}}]\n",
    "wdir-out-params": "    wdir: ../..\n    params: [x]\n",
    "remote-missing": "    outs: [{o: {remote: nope}}]\n",
}
SCHEMES = (
    "foo",
    "sftp",
    "ftp",
    "adl",
    "file",
    "local",
    "memory",
    "git",
    "dvc",
    "gcs",
    "az",
    "abfs",
    "hf",
    "s3a",
    "dbfs",
    "http",
    "https",
    "webdav",
    "webdavs",
    "HTTP",
    "arrow_hdfs",
)
# Outs that a lock names, outside the project; `%s` stands for the flags.
OUTSIDE = {
    "up": "../o",
    "absolute": "/tmp/o",  # noqa: S108 - never written
    "remote": "remote://r/o",
    "s3": "s3://bucket/o",
    "inside": "o",
    "inside-by-way-up": "../outside/o",
}
# Outs that hold a DVC file.
HELD: dict[str, Files] = {
    "sub": {"sub/dvc.yaml": STAGE + "    outs: [../sub]\n"},
    "other": {"sub/dvc.yaml": STAGE, "dvc.yaml": STAGE + "    outs: [sub]\n"},
    "other-later": {"a/dvc.yaml": STAGE, "b/dvc.yaml": STAGE + "    outs: [../a]\n"},
    "other-later2": {"b/dvc.yaml": STAGE, "a/dvc.yaml": STAGE + "    outs: [../b]\n"},
    "dvcfile": {
        "sub/g.dvc": "outs:\n- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  path: g\n",
        "sub/dvc.yaml": STAGE + "    outs: [../sub]\n",
    },
    "dvcfile2": {"sub/g.dvc": "outs:\n- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  path: .\n"},
    "dvcfile3": {"sub/g.dvc": "outs:\n- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  path: ../sub\n"},
    "up": {"sub/a/dvc.yaml": STAGE + "    outs: [../../sub]\n"},
    "yaml-without-stages": {
        "sub/dvc.yaml": "metrics: [m]\n",
        "z/dvc.yaml": STAGE + "    outs: [../sub]\n",
    },
}
NAMES = (
    "a@b",
    "a@",
    "a b",
    "a/b",
    "a.b",
    "a:b",
    '"a,b"',
    "-a",
    "ä",
    "a+b",
    '"a@b@c"',
    '"\\n"',
    ".a",
    '""',
    "1",
)
# Names that are generated.
GENERATED: dict[str, Files] = {
    "foreach@": {"dvc.yaml": "stages:\n  a@b:\n    foreach: [c]\n    do:\n      cmd: x\n"},
    "foreach-clash": {
        "dvc.yaml": "stages:\n  a@b:\n    cmd: x\n  a:\n    foreach: [b]\n    do:\n      cmd: x\n"
    },
    "foreach-clash2": {
        "dvc.yaml": "stages:\n  a:\n    foreach: [b]\n    do:\n      cmd: x\n  a@b:\n    cmd: x\n"
    },
    "at-with-group-plain": {"dvc.yaml": STAGE + "  a@b:\n    cmd: x\n"},
    "foreach-key@": {"dvc.yaml": 'stages:\n  a:\n    foreach: ["b@c"]\n    do:\n      cmd: x\n'},
    "foreach-key-slash": {
        "dvc.yaml": 'stages:\n  a:\n    foreach: ["b/c", ""]\n    do:\n      cmd: x\n'
    },
    "foreach-dup": {"dvc.yaml": "stages:\n  a:\n    foreach: [b, b]\n    do:\n      cmd: x\n"},
    "foreach-empty": {"dvc.yaml": "stages:\n  a:\n    foreach: []\n    do:\n      cmd: x\n"},
    "foreach-emptymap": {"dvc.yaml": "stages:\n  a:\n    foreach: {}\n    do:\n      cmd: x\n"},
}
MATRICES: dict[str, Text] = {
    "empty": "{}",
    "emptydim": "{d: []}",
    "one": "{d: [1]}",
    "map": "{d: [{a: 1}]}",
    "str": "{d: abc}",
    "null-item": "{d: [~]}",
    "nested": "{d: [[1, 2]]}",
    "key@": '{d: ["a@b"]}',
    "dup": "{d: [1, 1]}",
    "name-with-dot": "{d.e: [1]}",
    "two": "{d: [1], e: [2]}",
    "two-one-empty": "{d: [1], e: []}",
    "intkey": "{1: [2]}",
}
DATASETS: dict[str, Text] = {
    "int": "5",
    "empty": "[]",
    "null": "",
    "map": "{}",
    "text": "abc",
    "mapping": "{a: 1}",
    "list-int": "[5]",
    "list-map": "[{a: 1}]",
    "ok": "[{name: d, type: dc, version: 1}]",
    "noname": "[{type: dvc}]",
    "notype": "[{name: d}]",
    "unk": "[{name: d, type: zz}]",
    "url": '[{name: d, type: url, url: "s3://a/b"}]',
    "dup": '[{name: d, type: url, url: "s3://a/b"},{name: d, type: url, url: "s3://a/b"}]',
    "false": "false",
    "zero": "0",
    "emptytext": '""',
    "float": "1.5",
    "dc-nov": "[{name: d, type: dc}]",
}
# Whole files.
WHOLE: dict[str, Files] = {
    "vars-null": {"dvc.yaml": STAGE + "vars:\n"},
    "params-null": {"dvc.yaml": STAGE + "params:\n"},
    "metrics-null": {"dvc.yaml": STAGE + "metrics:\n"},
    "plots-null": {"dvc.yaml": STAGE + "plots:\n"},
    "artifacts-null": {"dvc.yaml": STAGE + "artifacts:\n"},
    "stages-null": {"dvc.yaml": "stages:\n"},
    "stage-null": {"dvc.yaml": "stages:\n  a:\n"},
    "list": {"dvc.yaml": "- a\n"},
    "text": {"dvc.yaml": "abc\n"},
    "zero": {"dvc.yaml": "0\n"},
    "emptylist": {"dvc.yaml": "[]\n"},
    "empty": {"dvc.yaml": ""},
    "twodocs": {"dvc.yaml": WITH_DEP + "---\nstages:\n  a:\n    cmd: x\n    deps: [f]\n"},
    "cmd-empty": {"dvc.yaml": "stages:\n  a:\n    cmd: ''\n"},
    "cmd-emptylist": {"dvc.yaml": "stages:\n  a:\n    cmd: []\n"},
    "cmd-listint": {"dvc.yaml": "stages:\n  a:\n    cmd: [1]\n"},
    "date-meta": {"dvc.yaml": WITH_DEP + "    meta: {d: 2024-01-02}\n"},
    "date-desc": {"dvc.yaml": WITH_DEP + "    desc: 2024-01-02\n"},
    "dvcfile-as-dir": {"dvc.yaml/x": "1"},
    "dvcfile-empty": {"g.dvc": ""},
    "dvcfile-list": {"g.dvc": "- a\n"},
    "dvcfile-noouts": {"g.dvc": "frozen: true\n"},
    "dvcfile-nopath": {"g.dvc": "outs:\n- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"},
    "dvcfile-twodocs": {"g.dvc": "outs:\n- path: g\n---\na: 1\n"},
    "name-only-.dvc": {".dvc/x": "1", "sub/.dvc": "outs: []\n"},
    "dvcfile-wdir-out": {"g.dvc": "wdir: ../..\nouts:\n- path: g\n"},
    "dvcfile-abs": {"g.dvc": "outs:\n- path: /tmp/zz\n"},
    "dvcfile-out-dvc": {"g.dvc": "outs:\n- path: x.dvc\n"},
    "dvcfile-out-empty": {"g.dvc": "outs:\n- path: ''\n"},
    "dvcfile-twice": {"g.dvc": "outs:\n- path: x\n- path: x\n"},
    "dvcfile-conflict": {
        "g.dvc": "outs:\n<<<<<<< o\n- md5: 1\n=======\n- md5: 2\n>>>>>>> t\n  path: f\n"
    },
}
LOCKS: dict[str, Text] = {
    "empty": "",
    "brace": "{}\n",
    "null": "~\n",
    "list": "- a\n",
    "emptylist": "[]\n",
    "text": "abc\n",
    "extra": ENTRY + "extra: 1\n",
    "depnote": DEP + "      note: 1\n",
    "sizetext": DEP + "      size: '1'\n",
    "intparam": ENTRY + "    params:\n      params.yaml:\n        1: 2\n",
    "schema-int": "schema: 2.0\nstages:\n  a:\n    cmd: x\n",
    "schema-3": "schema: '3.0'\nstages:\n  a:\n    cmd: x\n",
    "noschema": STAGE,
    "only-schema": "schema: '2.0'\n",
    "schema-null-stages": "schema: '2.0'\nstages:\n",
    "stages-empty": "schema: '2.0'\nstages: {}\n",
    "stages-list": "schema: '2.0'\nstages: []\n",
    "datasets-int": ENTRY + "datasets: 5\n",
    "datasets-null": ENTRY + "datasets:\n",
    "datasets-ok": ENTRY + "datasets: []\n",
    "datasets-str": ENTRY + "datasets: [a]\n",
    "unknown-stage": ENTRY + "  zz:\n    cmd: y\n",
    "unknown-stage-bad": ENTRY + "  zz:\n    foo: y\n",
    "stage-null": ENTRY + "  zz:\n",
    "nocmd": "schema: '2.0'\nstages:\n  a:\n    deps: []\n",
    "cmd-int": "schema: '2.0'\nstages:\n  a:\n    cmd: 1\n",
    "cmd-null": "schema: '2.0'\nstages:\n  a:\n    cmd:\n",
    "cmd-list": "schema: '2.0'\nstages:\n  a:\n    cmd: [x, 1]\n",
    "outs-null": ENTRY + "    outs:\n",
    "outs-map": ENTRY + "    outs: {a: 1}\n",
    "outs-emptylist": ENTRY + "    outs: []\n",
    "dep-nopath": ENTRY + "    deps:\n    - md5: aaaa\n",
    "dep-str": ENTRY + "    deps: [f]\n",
    "md5-short": ENTRY + "    deps:\n    - path: f\n      md5: aa\n",
    "md5-int": ENTRY + "    deps:\n    - path: f\n      md5: 12345678901234567890123456789012\n",
    "md5-null": ENTRY + "    deps:\n    - path: f\n      md5:\n",
    "md5-empty": ENTRY + "    deps:\n    - path: f\n      md5: ''\n",
    "md5-float": ENTRY + "    deps:\n    - path: f\n      md5: 1e10\n",
    "md5-list": ENTRY + "    deps:\n    - path: f\n      md5: []\n",
    "md5-bool": ENTRY + "    deps:\n    - path: f\n      md5: true\n",
    "size-null": DEP + "      size:\n",
    "size-float": DEP + "      size: 1.5\n",
    "size-bool": DEP + "      size: true\n",
    "size-neg": DEP + "      size: -1\n",
    "nfiles-text": DEP + "      nfiles: a\n",
    "isexec-int": DEP + "      isexec: 1\n",
    "isexec": DEP + "      isexec: true\n",
    "hash-int": DEP + "      hash: 1\n",
    "hash-other": DEP + "      hash: zz\n",
    "version-id": DEP + "      version_id: abc\n",
    "version-id-int": DEP + "      version_id: 1\n",
    "etag": DEP + "      etag: abc\n",
    "etag-int": DEP + "      etag: 1\n",
    "remote": DEP + "      remote: r\n",
    "mtime": DEP + "      mtime: 1\n",
    "cloud": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      cloud: {s3: {etag: abcd, version_id: x}}\n",
    "cloud-bad": DEP + "      cloud: {s3: {foo: 1}}\n",
    "cloud-int": DEP + "      cloud: 1\n",
    "cloud-empty": DEP + "      cloud: {}\n",
    "cloud-intkey": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      cloud: {1: {etag: abcd}}\n",
    "files": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      files:\n      - relpath: a\n        md5: abcd\n        size: 1\n",  # noqa: E501
    "files-bad": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      files:\n      - md5: abcd\n",
    "files-null": DEP + "      files:\n",
    "files-empty": DEP + "      files: []\n",
    "files-foo": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      files:\n      - relpath: a\n        foo: 1\n",  # noqa: E501
    "files-cloud": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      files:\n      - relpath: a\n        cloud: {s3: {etag: abcd}}\n",  # noqa: E501
    "files-remote": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      files:\n      - relpath: a\n        remote: r\n",  # noqa: E501
    "files-remote-int": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      files:\n      - relpath: a\n        remote: 1\n",  # noqa: E501
    "dataset": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n      dataset: {name: a, type: dc}\n",
    "dataset-int": DEP + "      dataset: 5\n",
    "params-list": ENTRY + "    params: []\n",
    "params-null": ENTRY + "    params:\n",
    "params-empty": ENTRY + "    params: {}\n",
    "params-file-null": ENTRY + "    params:\n      p.yaml:\n",
    "params-file-empty": ENTRY + "    params:\n      p.yaml: {}\n",
    "params-file-list": ENTRY + "    params:\n      p.yaml: []\n",
    "params-intfile": ENTRY + "    params:\n      1: {a: 1}\n",
    "params-date": ENTRY + "    params:\n      p.yaml: {a: 2024-01-02}\n",
    "params-datekey": ENTRY + "    params:\n      p.yaml: {2024-01-02: 1}\n",
    "params-nullvalue": ENTRY + "    params:\n      p.yaml: {a: }\n",
    "wdir": ENTRY + "    wdir: x\n",
    "desc": ENTRY + "    desc: x\n",
    "intname": ENTRY + "  1:\n    cmd: x\n",
    "dup": ENTRY + "  a:\n    cmd: x\n",
    "conflict": "schema: '2.0'\nstages:\n  a:\n<<<<<<< o\n    cmd: x\n=======\n    cmd: y\n>>>>>>> t\n",  # noqa: E501
    "twodocs": ENTRY + "---\na: 1\n",
    "path-int": ENTRY + "    deps:\n    - path: 1\n",
    "path-empty": ENTRY + "    deps:\n    - path: ''\n",
    "path-twice": ENTRY
    + "    deps:\n    - path: f\n      md5: aaaa\n    - path: f\n      md5: bbbb\n",
    "checksum": ENTRY + "    deps:\n    - path: f\n      checksum: abcd\n",
    "both": DEP + "      etag: abcd\n",
    "utf16": DEP.encode("utf-16"),
    "bom": f"\ufeff{DEP}",
    "schema-quoted-int": "schema: '2'\nstages:\n  a:\n    cmd: x\n",
    "v1": "a:\n  cmd: x\n",
    "float-param": ENTRY + "    params:\n      p.yaml:\n        1.5: 2\n",
    "bool-param": ENTRY + "    params:\n      p.yaml:\n        true: 2\n",
    "null-param": ENTRY + "    params:\n      p.yaml:\n        ~: 2\n",
    "upper-key": "schema: '2.0'\nstages:\n  a:\n    CMD: x\n",
    "ok": DEP,
}
# Locks in other places.
LOCKED: dict[str, Files] = {
    "orphan-bad": {"dvc.lock": ""},
    "orphan-bad-in-sub": {"dvc.yaml": WITH_DEP, "sub/dvc.lock": "{}"},
    "folder": {"dvc.yaml": WITH_DEP, "dvc.lock/x": "1"},
    "git-ignored": {"dvc.yaml": WITH_DEP, "dvc.lock": DEP, ".gitignore": "*.lock\n"},
    "bad-under-empty-yaml": {"dvc.yaml": "", "dvc.lock": ""},
    "bad-under-no-stages": {"dvc.yaml": "metrics: [m]\n", "dvc.lock": "{}"},
}
CONFIGS: dict[str, Text] = {
    "bracket": "[core\n",
    "conflict": "<<<<<<< a\n[core]\n=======\n>>>>>>> b\n",
    "empty": "",
    "ok": "[core]\n    remote = r\n['remote \"r\"']\n    url = s3://b/x\n",
    "unknown-section": "[foo]\n a = 1\n",
    "unknown-key": "[core]\n  foo = 1\n",
    "nosection": "a = 1\n",
    **{
        f"nosection-{name}": f"{name} = x\n['{name} \"r\"']\n    url = s3://b/x\n"
        for name in ("remote", "machine", "db", "REMOTE")
    },
    "dup-section": "[core]\n[core]\n",
    "dup-key": "[core]\nremote = a\nremote = b\n",
    "remote-nourl": "['remote \"r\"']\n    jobs = 1\n",
    "remote-badscheme": "['remote \"r\"']\n    url = foo://a/b\n",
    "remote-unkkey": "['remote \"r\"']\n    url = s3://a/b\n    foo = 1\n",
    "remote-local": "['remote \"r\"']\n    url = ../x\n",
    "remote-missing": "[core]\n    remote = nope\n",
    "bool-bad": "[core]\n    analytics = maybe\n",
    "bool-ok": "[core]\n    analytics = False\n",
    "autostage": "[core]\n    autostage = true\n",
    "cache-type": "[cache]\n    type = foo\n",
    "cache-type-ok": '[cache]\n    type = "reflink,copy"\n',
    "cache-dir": "[cache]\n    dir = /x\n",
    "jobs": "[core]\n    jobs = a\n",
    "remote-noname": "['remote']\n  url = s3://a\n",
    "remote-empty": "['remote \"\"']\n  url = s3://a\n",
    "unquoted-remote": '[remote "r"]\n  url = s3://a/b\n',
    "interp": "['remote \"r\"']\n    url = %(x)s\n",
    "list": "[core]\n remote = a, b\n",
    "latin1": b"[core]\n# \xe9\n",
    "latin1v": b"[core]\nremote = \xe9\n",
    "utf16": b"\xff\xfe[\x00c\x00o\x00r\x00e\x00]\x00\n\x00",
    "bom": "\ufeff[core]\n",
    "upper": "[CORE]\n  REMOTE = x\n",
    "parsing-bad": "[parsing]\n  bool = foo\n",
    "parsing-ok": "[parsing]\n  bool = store_true\n",
    "nested": "[[core]]\n",
    "nested2": "[core]\n[[x]]\na=1\n",
    "feature": "[feature]\n foo = 1\n",
    "exp": "[exp]\n code_dir = x\n",
    "exp-bad": "[exp]\n foo = x\n",
    "hydra": "[hydra]\n enabled = true\n",
    "db": "[db]\n a = 1\n",
    "db-named": "['db \"x\"']\n url = y\n",
    "comment": "# a\n; b\n",
    "semicolon": "; b\n",
    "quoted": '[core]\n remote = "a\n',
    "triple": '[core]\n remote = """a\n',
    "state": "[state]\n row_limit = 100\n",
    "index": "[index]\n dir = x\n",
    "machine": "['machine \"m\"']\n cloud = aws\n",
    "plots": "[plots]\n out_dir = x\n",
    "ruby": "[core]\n remote: x\n",
    "spaces": "  [core]\n\tremote=x\n",
    "http": "['remote \"r\"']\n url = https://a/b\n auth = basic\n",
    "http-bad": "['remote \"r\"']\n url = https://a/b\n auth = zz\n",
    "gdrive": "['remote \"r\"']\n url = gdrive://abc/x\n",
    "hub": "['remote \"r\"']\n url = remote://a/b\n",
    "checksum": "[core]\n checksum_jobs = 0\n",
    "hardlink": "[core]\n hardlink_lock = True\n",
    "studio": "[studio]\n token = x\n",
    "azure": "['remote \"r\"']\n url = azure://a/b\n connection_string = x\n",
    "version": "[core]\n site_cache_dir = /tmp/x\n",
    "cache-remote": "[cache]\n s3 = r\n",
    "emptyval": "[core]\n remote = \n",
    "emptyurl": "['remote \"r\"']\n url = \n",
}


def _outside(path: str, flags: str = "", hashed: bool = True) -> Files:
    """Return a project with a stage that made an out, and a lock that has its hash."""
    made = f"      hash: md5\n      md5: {MD5}\n" if hashed else ""
    return {
        "dvc.yaml": f'{STAGE}    outs: ["{path}"{flags}]\n',
        "dvc.lock": f"{ENTRY}    outs:\n    - path: {path}\n{made}      size: 1\n",
        ".dvc/config": "['remote \"r\"']\n    url = /tmp/r\n",
    }


OUTSIDE_CASES: dict[str, Files] = {
    **{name: _outside(path) for name, path in OUTSIDE.items()},
    **{
        f"{name}-not-cached": _outside(path, ": {cache: false}")
        for name, path in OUTSIDE.items()
        if name != "s3"
    },
    **{
        f"{name}-without-hash": _outside(path, hashed=False)
        for name, path in OUTSIDE.items()
        if name != "s3"
    },
    "wdir": {
        "dvc.yaml": STAGE + "    wdir: ..\n    outs: [o]\n",
        "dvc.lock": f"{ENTRY}    outs:\n    - path: o\n      hash: md5\n      md5: {MD5}\n",
    },
    "frozen": {
        "dvc.yaml": STAGE + "    frozen: true\n    outs: [../o]\n",
        "dvc.lock": f"{ENTRY}    outs:\n    - path: ../o\n      hash: md5\n      md5: {MD5}\n",
    },
    "dataset": {
        "dvc.yaml": "datasets: [{name: d, type: dc, version: 1}]\n" + STAGE,
        "dvc.lock": ENTRY + "datasets:\n- {name: d, type: dc, version: 1, "
        "created_at: '2024-01-01T00:00:00+00:00'}\n",
    },
    "dvcfile": {"g.dvc": f"outs:\n- md5: {MD5}\n  path: ../o\n"},
    "dvcfile-absolute": {"g.dvc": f"outs:\n- md5: {MD5}\n  path: /tmp/o\n"},
    "dvcfile-not-cached": {"g.dvc": f"outs:\n- md5: {MD5}\n  path: ../o\n  cache: false\n"},
}


def _each(kind: str, files: dict[str, Files]) -> dict[str, Files]:
    return {f"{kind}: {name}": item for name, item in files.items()}


def _with(
    kind: str, texts: dict[str, Text], file: str, before: str = "", after: str = ""
) -> dict[str, Files]:
    return _each(kind, {name: {file: before + str(text) + after} for name, text in texts.items()})


def _beside(kind: str, texts: dict[str, Text], file: str, pipeline: str) -> dict[str, Files]:
    return _each(kind, {name: {"dvc.yaml": pipeline, file: text} for name, text in texts.items()})


_DEPS: dict[str, Text] = {name: f'    deps: ["{name}://x/y"]\n' for name in SCHEMES}
_OUTS: dict[str, Text] = {
    name: f'    outs: ["{name}://x/y": {{cache: false}}]\n' for name in SCHEMES
}
CASES: dict[str, Files] = {
    **_beside("params", PARAMS, "params.yaml", WITH_DEP),
    **_each("variables", VARIABLES),
    **_each("taken", TAKEN),
    **_each("ignored", IGNORED),
    **_each("inside", {name: DECLARED_DEP | files for name, files in IN_DEP.items()}),
    **_each("inside", {f"{name}-locked": LOCKED_DEP | files for name, files in IN_DEP.items()}),
    **_each("inside", INSIDE),
    **_with("path", PATHS, "dvc.yaml", STAGE),
    **_with("dep", _DEPS, "dvc.yaml", STAGE),
    **_with("out", _OUTS, "dvc.yaml", STAGE),
    **_each("outside", OUTSIDE_CASES),
    **_each("held", HELD),
    **_with("name", {name: name for name in NAMES}, "dvc.yaml", "stages:\n  ", ":\n    cmd: x\n"),
    **_each("generated", GENERATED),
    **_with("matrix", MATRICES, "dvc.yaml", "stages:\n  a:\n    matrix: ", "\n    cmd: x\n"),
    **_with("datasets", DATASETS, "dvc.yaml", f"{STAGE}datasets: ", "\n"),
    **_each("whole", WHOLE),
    **_beside("lock", LOCKS, "dvc.lock", WITH_DEP),
    **_each("locked", LOCKED),
    **_beside("config", CONFIGS, ".dvc/config", STAGE),
}

# A project in a folder of the repository, whose stage writes beside it.
IN_A_FOLDER: Files = {
    f"sub/{path}": text for path, text in _outside("../o").items() if path != ".dvc/config"
} | {"sub/.dvc/config": ""}

# Where we do not go as far as DVC, and why.
DIFFERENT = {
    "config: interp": "we do not resolve values that name others: that can take exponential time",
    "config: remote-nourl": "a `config.local` may set the URL",
    "lock: hash-other": "DVC stops at a hash type that it does not know; we compare the hash",
    "lock: md5-bool": "DVC stops at a hash that is not a string; we read it as one",
    "lock: md5-int": "DVC stops at a hash that is not a string; we read it as one",
    "lock: v1": "we read a lock of DVC 1, and `legacy-lock` reports it",
    "locked: git-ignored": "DVC stops at a lock that Git ignores; its stages are unknown",
    "params: pairs": "we read it like an ordered mapping, which DVC accepts",
}
