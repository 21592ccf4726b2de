"""The fast reader of YAML, held equal to the general one wherever it answers."""

import io
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lineage_diff.errors import InputError
from lineage_diff.parsing.usual_yaml import usual_yaml
from lineage_diff.parsing.yaml_loader import load_any_yaml, load_yaml

USUAL = """\
# As `dvc stage add` writes it.
vars:
- params.yaml
- folder: data   # a comment
stages:
  prepare:
    cmd: python src/prepare.py data/data.xml --seed ${prepare.seed} --with some long options that
      wrap over the line
    deps:
    - data/data.xml
    - s3://bucket/src#1.py

    params:
      - prepare.seed
      - other.json:
          - a.b
      - whole.toml:
    outs:
    - data/prepared:
        cache: false
        labels: []
    frozen: true
  train@1:
    cmd: 'python train.py: "it"'
    meta:
      n: 0x1F
      x: -1.5e-3
      nothing:
      1: ~
    desc: a - b [c] {d} 100% & more | > ! * `e` @
  eval:
    cmd: >-
      python eval.py
      --out metrics.json
    desc: |
      # How it is tested:
      - on data
metrics:
- metrics.json
"""


def outcome(text: str) -> str:
    try:
        return repr(load_any_yaml(text, "f"))
    except InputError:
        return "refused"


def check(text: str) -> None:
    found = usual_yaml(text)
    # As text: it keeps the order, and tells 1 from true.
    assert found is None or repr(found) == outcome(text)


def test_a_usual_pipeline_is_read_by_its_lines() -> None:
    found = usual_yaml(USUAL)
    assert found is not None
    assert repr(found) == outcome(USUAL)


@pytest.mark.parametrize(
    "text",
    [
        "---\na: b\n",
        "a: [1, -2.5,b, true,  ./c-d] # e\nb:\n- [ null ]\n- [1e3,0x1]\n",
        "a: b\r\nc: |\r\n  d\r\n  e\r\nf: g\r\n  h\r\n",
        "a: >\n  text\n\nb: |-\n  c\n\n\n# d\ne: |\n  f\n\n\n",
        "a: |\n  b: #c\n  &d\ne: >-\n  f\n  - g\nh: |-\n i\nj:\n  k: >\n    l\n",
        "a: \xe9t\xe9 \u4e2d\n  \u4e2d\nb: \u4e2d # \u4e2d\n",
        "  a:\n    b: 1\n  c:\n  - 2",
        "  a: b\n    c\n",
        "a: b\n c\nd:\n",
        "a:\n- b\n- 1\n- true\n- ../c.py\n# d\nb:\n  - e\nc:\n  d:\n  - .5\n\ne: f\n",
        "a:\n- b\n  c\n- d e\nb:\n  - c\n  - d: 1\n  - e:\n    - f\n    - 'g'\n",
        "a:\n- b\n  # c\n- d\nb:\n- e\n\n- f #g\n",
        "a: {b: 1}\nc:\n- d.json: {cache: false, 1: 0x1,  e:  -f } # g\n"
        "- {h: https://i.j/k, l: m}\n",
        "a: [1, 'b']\nb: {c: 'd'}\ne: [ '${f}: # g', \"\", \"h i\" , 'j' ] # k\n"
        "y: [b - c, d -]\nz: [b c, [2], 'b,c', 'b]', {d: e, 'f g': ['}', [ ] , {}]}]\n"
        "h: {i: j k -l, m: [n, -o], p: {q: {r: s}}} # t\nu: { v: 1 2, w: [[x]], }\n",
        "t: [1,]\nu: {b: 1, }\nl: { m: ' n' , o: \"p: q\", r: s }\n",
        "'a': b\n\"c d\":\n- '1': x\n  \"true\": 1\n- y\n1: z\n'1': 2\n",
        "'e/f.csv':\n- g\n- h\n\"i\": >-\n  j\n'k l': 'm'\n",
    ],
)
def test_so_is_whatever_else_people_write(text: str) -> None:
    assert usual_yaml(text) is not None
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "- a\n",
        "text\n",
        "a: ['it''s']\n",
        'a: ["\\n"]\n',
        "a: ['b'c]\n",
        "a: ['b']c\n",
        "a: ['b' # c]\n",
        "a: [b # c]\n",
        "a: {b: 'c'd}\n",
        "a: [b: 1]\n",
        "a: [1, 2020-01-01]\n",
        "a: [1,,]\n",
        "a: [,]\n",
        "a: [, 1]\n",
        "a: [[b] c]\n",
        "a: [[b],, c]\n",
        "a: [b}\n",
        "a: {b: [c}]\n",
        "a: [b\n",
        "a: [b,\n  c]\n",
        "a: {b: c,\n  d: e}\n",
        "a: [b  c]\n",
        "a: [b #c]\n",
        "a: {b: c, b: [d]}\n",
        "a: {b: [c], b: d}\n",
        "a: {[b]: c}\n",
        "a: {b: c e: d}\n",
        "a: {b:[c]}\n",
        f"a: {'[' * 20}{']' * 20}\n",
        "a: {,}\n",
        "a: [-]\n",
        "a: [1]#\n",
        "a: b\rc: d\r",
        "a: |\n  text\n\n  # more\n",
        "a: |\n  text\n   \n",
        "a:\n  b: |\n    text\n\n\n   more\n",
        "a: {b: 1, b: 2}\n",
        "a: {1: b, 0x1: c}\n",
        "a: {b:c}\n",
        "a: {b: c:}\n",
        "a: {b: c:d}\n",
        "a: {b: }\n",
        "a: {b}\n",
        "a: {b: 2020-01-01}\n",
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "a: |\n  text",
        "a: |\n  text\n\n  more\n",
        "a: >-\n  text\n    more\n",
        "a: |\n    text\n  more\n",
        "a: |\n  text \n",
        "a: |+\n  text\n",
        "a: |2\n  text\n",
        "a: b |\n  text\n",
        "a:\n- |\n  text\n",
        "a:\n- b: |\n    text\n",
        "a: b\u2028c\n",
        "a: b\x85c\n",
        "a: b\xa0\n",
        "\ufeffa: b\n",
        "\xe9: b\n",
        "a:\tb\n",
        "a: \x7f\n",
        "a: 2020-01-01\n",
        "a: 2020-01-01\n  10:00:00\n",
        "'a'': b\n",
        "'a''b': c\n",
        "'a':b\n",
        "'a' : b\n",
        "'a': b\na: c\n",
        "'a:b': c\n",
        "'': b\n",
        '"\\x61": b\n',
        '"<<": b\n',
        '"a\nb": c\n',
        'a: "\\n"\n',
        "a: 'it''s'\n",
        "a: b\n\n  c\n",
        "a: b # c\n  d\n",
        "a: b\na: c\n",
        "1: b\n0x1: c\n",
        "a:\n  b: c\n  - d\n",
        "a: b: c\n",
        "a: b:\n",
        "a:#b\n",
        "a:\n  b\n",
        "- - a\n",
        "-\n",
        "a: b\n---\n",
        "a: b\n...\n",
        "%YAML 1.1\n---\na: b\n",
        "<<: a\n",
        "a: <<\n",
        "a: =\n",
        "a:\n  <<: b\n",
        "<<<<<<< HEAD\na: b\n",
        "a: b\n  c: d\n",
        "a: b\n - c: d\n",
        "  a: b\nc: d\n",
        "  a: b\n  c\n",
        "a:\n   b: c\n  d: e\n",
        f"{'k' * 2000}: v\n",
        f"a: {'9' * 5000}\n",
    ],
)
def test_the_rest_is_left_to_the_general_reader(text: str) -> None:
    assert usual_yaml(text) is None


KEYS = ["a:", "'a':", '"b": 1', "b:", "c: d", "a: ${b.c}", "x: 1", "e", "", "# f", "g: h  # i"]
AFTER_KEYS = [":", ": ", ":  ", " : ", ":#", ": #", ": '", ': "', ": -", ""]
LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "", "  ", "  ", "    ", "   ", "      "]),
    st.sampled_from(["", "", "", "- ", "- ", "-  ", "-", "- - "]),
    st.one_of(
        st.sampled_from([*KEYS, "a: |", "b: >-", "c |", "d: [1, 'e']", 'e: {f: 1, g: "h"}']),
        st.builds(
            "{}{}{}".format,
            st.sampled_from(["a", "b1", "~", "no", "1", "x y", '"a"', "'1'", '"x y"', "'"]),
            st.sampled_from(AFTER_KEYS),
            st.text(alphabet="ab1.-:#'\" {}[],&*!|>%@~=\\$<?\t", max_size=8),
        ),
    ),
)


FLOW = st.lists(
    st.sampled_from(
        [
            *"[]{},:#-'\"",
            "[",
            "]",
            "{",
            "}",
            ", ",
            ", ",
            ": ",
            "a",
            "b c",
            "'d'",
            "1",
            "~",
            " ",
            "e: ",
        ]
    ),
    max_size=14,
).map("".join)


@given(
    st.sampled_from(["[", "{", "{a: [", "[{"]), FLOW, st.sampled_from(["", "]", "}", "]}", "}]"])
)
@settings(max_examples=600, deadline=None)
def test_any_brackets_are_what_the_general_reader_makes_of_them(
    begin: str, inner: str, end: str
) -> None:
    check(f"a: {begin}{inner}{end}\n")


@given(st.lists(LINES, max_size=8).map("\n".join), st.sampled_from(["", "\n", " "]))
@settings(max_examples=600, deadline=None)
def test_any_lines_are_what_the_general_reader_makes_of_them(text: str, end: str) -> None:
    check(text + end)


@given(st.integers(0, len(USUAL)), st.integers(0, 6), st.sampled_from("x: \n#'-\"{1~&*\té\\"))
@settings(max_examples=600, deadline=None)
def test_a_damaged_pipeline_is_what_the_general_reader_makes_of_it(
    at: int, cut: int, add: str
) -> None:
    check(USUAL[:at] + add + USUAL[at + cut :])


WORDS = st.text(alphabet="ab1/._-:#'\" {}[],&*!|>%@~e\n$", max_size=90)
VALUES = st.recursive(
    st.one_of(
        WORDS,
        st.integers(),
        st.floats(allow_nan=False),
        st.booleans(),
        st.none(),
        st.sampled_from(["true", "1e3", "0x1", "python train.py --lr ${lr} " * 5]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS | st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, VALUES, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_what_dvc_writes_is_what_the_general_reader_makes_of_it(data: dict[str, Any]) -> None:
    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(data, stream)
    check(stream.getvalue())


@pytest.mark.parametrize(
    "text",
    [
        "a:" * 500_000,
        "a: " + "b " * 500_000 + ": c",
        "a: " + "b:" * 500_000,
        "".join(f"{' ' * n}a:\n" for n in range(1_000)),
        "a: b\n" + "  c d:e\n" * 1_000_000,
        "a: b\n" + "".join("  c d:e\n" * 1_000 + f"b{n}: b\n" for n in range(1_000)),
        "a:\n" + "- b\n" * 300_000 + "\t",
        "a: '" + "' #" * 300_000,
        "a: [" + "1," * 500_000,
        "a: {" + "b: c://," * 300_000,
        "a: |\n  b\n" * 1_000 + "\n" * 1_000_000,
        "a:\n" + " " * 1_000_000 + "b",
        "a: b" + " " * 1_000_000 + "#",
    ],
    ids=[
        "keys",
        "words",
        "colons",
        "deep",
        "more",
        "often",
        "items",
        "quotes",
        "brackets",
        "braces",
        "empty lines",
        "spaces",
        "comment",
    ],
)
def test_no_text_makes_it_slow(text: str) -> None:
    start = time.process_time()
    usual_yaml(text)
    assert time.process_time() - start < 2


def test_it_answers_with_the_same_errors() -> None:
    with pytest.raises(InputError) as caught:
        load_yaml("a: b\nc: d\na: e\n", "dvc.yaml")
    assert (caught.value.file, caught.value.line) == ("dvc.yaml", 3)
