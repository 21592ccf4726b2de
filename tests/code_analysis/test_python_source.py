"""What a Python script's text tells: imports, paths that it reads, and keys of its params."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff import limits
from lineage_diff.code_analysis.python_paths import HERE
from lineage_diff.code_analysis.python_source import PythonSource, parse_source


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ("import a.b, c", [("a.b", 0, ()), ("c", 0, ())]),
        ("from a.b import c, d", [("a.b", 0, ("c", "d"))]),
        ("from .. import x\nfrom .y import z", [("", 2, ("x",)), ("y", 1, ("z",))]),
        ("def f():\n    import late", [("late", 0, ())]),
        ("try:\n    import a\nexcept ImportError:\n    import b", [("a", 0, ()), ("b", 0, ())]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", [("b", 0, ())]),
        ("import typing as t\nif t.TYPE_CHECKING:\n    import a", [("typing", 0, ())]),
        ("'import a'\n# import b", []),
    ],
)
def test_imports(text: str, imports: list[tuple[str, int, tuple[str, ...]]]) -> None:
    found = parse_source(text.encode()).imports
    assert sorted((item.module, item.level, item.names) for item in found) == sorted(imports)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("open('a.txt')", ["a.txt"]),
        ("open('a.txt', 'rb')\nopen(file, 'r')", ["a.txt"]),
        ("open('a.txt', 'w')\nopen('b.txt', mode='ab')", []),
        ("open('a.txt', mode)", []),
        ("pd.read_csv('a.csv', sep=';')", ["a.csv"]),
        ("D = Path('d')\nF = D / 'a.csv'\npd.read_csv(F)", ["d/a.csv"]),
        ("pd.read_csv(os.path.join('d', 'a.csv'))", ["d/a.csv"]),
        ("Path('a.txt').read_text()\nPath('b.txt').open()", ["a.txt", "b.txt"]),
        ("Path('a.txt').open('w')", []),
        ("np.load('a.npy')\njoblib.load('m.pkl')\nthing.load('x')", ["a.npy", "m.pkl"]),
        ("open(Path(__file__).parent / 'a.txt')", [HERE + "/../a.txt"]),
        ("open(Path(__file__).resolve().parents[1] / 'a')", [HERE + "/../../a"]),
        ("open(os.path.dirname(__file__) + 'x')", []),
        ("open(f'{x}.txt')", []),
        ("df.to_csv('a.csv')\npd.read_csv('a.csv')", []),
        ("x = 'a.csv'\nx = 'b.csv'\npd.read_csv(x)", []),
        ("def f(x):\n    pd.read_csv(x)\nx = 'a.csv'", []),
        ("if args.small:\n    pd.read_csv('a.csv')\nelse:\n    pd.read_csv('b.csv')", []),
        ("if __name__ == '__main__':\n    pd.read_csv('a.csv')", ["a.csv"]),
        ("def main():\n    return pd.read_csv('a.csv')", ["a.csv"]),
        ("requests.get('a.csv')", []),
    ],
)
def test_paths_that_are_surely_read(text: str, paths: list[str]) -> None:
    assert [item.path for item in parse_source(text.encode()).reads] == paths


LOAD = "params = yaml.safe_load(open('params.yaml'))\n"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (LOAD + "params['a']['b']", ["a.b"]),
        (LOAD + "params.get('a', {}).get('b', 3)", ["a.b"]),
        (LOAD + "a = params['a']\na['b'] + a['c']", ["a", "a.b", "a.c"]),
        ("x = yaml.safe_load(open('params.yaml'))['a']['b']", ["a.b"]),
        ("with open('params.yaml') as f:\n    p = yaml.safe_load(f)\np['a']", ["a"]),
        ("p = YAML().load(open('params.yaml'))\np['a']", ["a"]),
        ("P = 'params.yaml'\np = yaml.safe_load(open(P))\np['a']", ["a"]),
        ("p = dvc.api.params_show()\np['a']", ["a"]),
        ("p = dvc.api.params_show(stages='train')\np['a']", []),
        (LOAD + "def f():\n    return params['a']", ["a"]),
        (LOAD + "def f(params):\n    return params['a']", []),
        (LOAD + "params = other()\nparams['a']", []),
        (LOAD + "params[key]\nparams['a.b']\nparams[0]", []),
        ("p = pickle.load(open('params.yaml'))\np['a']", []),
    ],
)
def test_keys_of_params(text: str, keys: list[str]) -> None:
    found = parse_source(text.encode()).params
    assert [item.key for item in found] == keys
    assert {item.file for item in found} <= {"params.yaml"}


def test_lines_are_those_of_the_text() -> None:
    source = parse_source((LOAD + "import x\n\nopen('a.txt')\nparams['k']\n").encode())
    assert [item.line for item in source.imports] == [2]
    assert [(item.path, item.line) for item in source.reads] == [("a.txt", 4), ("params.yaml", 1)]
    assert [item.line for item in source.params] == [5]


@pytest.mark.parametrize(
    ("text", "empty"), [("", True), ("'''Doc.'''\n# x", True), ("1", True), ("x = 1", False)]
)
def test_a_text_without_code_is_empty(text: str, empty: bool) -> None:
    assert parse_source(text.encode()).empty is empty


@pytest.mark.parametrize(
    "content",
    [
        b"print 'python 2'\nimport a",
        b"\xff\xfe\x00",
        b"x = \0",
        b"(" * 5000 + b")" * 5000,
        b"x = " + b"-" * 100_000 + b"1",
        b"x = " + b"1+" * 20_000 + b"1",
        b"x = a" + b".b" * 20_000,
        b"#" * (limits.SCRIPT_BYTES + 1),
        b"import a\nx = f'" + b"{a}" * 100_000 + b"'",
        b'import a\nx = rF"""' + b"{a}\n" * 60_000 + b'"""',
        b"import a\nx = 'f\"', f\"" + b'{a}\\"' * 60_000 + b'"',
    ],
    ids=[
        "python 2",
        "no text",
        "null",
        "brackets",
        "minus",
        "plus",
        "attributes",
        "size",
        "fields",
        "lines of fields",
        "quotes between fields",
    ],
)
def test_what_cannot_be_parsed_tells_nothing(content: bytes) -> None:
    assert parse_source(content) == PythonSource()


def test_many_formatted_strings_are_parsed() -> None:
    source = parse_source(b"import a\n" + b"x = f'{a} {b}', 'f'\n" * 3_000)
    assert [item.module for item in source.imports] == ["a"]


@given(st.text(alphabet="ab='()[]{}:.,\n \"\\/", max_size=80))
def test_any_text_is_parsed_or_left(text: str) -> None:
    source = parse_source(text.encode())
    lines = [item.line for item in source.imports] + [item.line for item in source.params]
    assert all(line >= 1 for line in (*lines, *(item.line for item in source.reads)))
