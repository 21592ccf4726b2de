"""A command's words: what it names, what it runs, and what only a shell could tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.code_analysis.shell_commands import command_words


@pytest.mark.parametrize(
    ("command", "wdir", "named"),
    [
        ("python src/train.py", "", ("src/train.py",)),
        ("python train.py data/x.csv", "sub", ("sub/train.py", "sub/data/x.csv")),
        ("python ../run.py", "sub", ("run.py",)),
        ("python t.py --data=a/b.csv --config c.yaml", "", ("t.py", "a/b.csv", "c.yaml")),
        ("python t.py --output o/m.pkl -o p/q.csv --out-dir=r/s", "", ("t.py",)),
        ("python t.py < in.txt > out.txt 2>> err.txt", "", ("t.py", "in.txt")),
        ("mkdir -p a/b && rm c/d && python t.py", "", ("t.py",)),
        ("cp a/x.csv b/y.csv", "", ("a/x.csv",)),
        ("cd sub && python t.py 'my.csv'", "", ("sub/t.py", "sub/my.csv")),
        ("cd $HOME && python t.py", "", ()),
        ("python t.py $DATA/x.csv data/*.csv ~/x.csv s3://b/x.csv /abs/x.csv", "", ("t.py",)),
        ("python ../../up.py", "sub", ()),
        ("cat a.txt | sort; Rscript p/01.R", "", ("a.txt", "p/01.R")),
        ("python t.py \\\n  data/x.csv", "", ("t.py", "data/x.csv")),
        ("echo a/b.txt\npython t.py", "", ("t.py",)),
        ("python t.py model.lr=0.1 data=sets/a.csv", "", ("t.py", "0.1", "sets/a.csv")),
        (("cd sub", "python t.py"), "", ("t.py",)),
    ],
)
def test_named_paths(command: str | tuple[str, ...], wdir: str, named: tuple[str, ...]) -> None:
    assert command_words(command, wdir).named == named


@pytest.mark.parametrize(
    ("command", "scripts", "modules"),
    [
        ("python3.11 -u src/t.py x.py", ("src/t.py",), ()),
        ("PYTHONPATH=. python t.py", ("t.py",), ()),
        ("./t.py", ("t.py",), ()),
        ("poetry run python t.py", ("t.py",), ()),
        ("uv run t.py", ("t.py",), ()),
        ("python -m pkg.train x.py", (), (("", "pkg.train"),)),
        ("cd a && python -m pkg.train", (), (("a", "pkg.train"),)),
        ("python -c 'import t' x.py", (), ()),
        ("python $SCRIPT.py", (), ()),
        ("cat t.py", (), ()),
        ("python a.py && python b.py", ("a.py", "b.py"), ()),
    ],
)
def test_what_python_runs(
    command: str, scripts: tuple[str, ...], modules: tuple[tuple[str, str], ...]
) -> None:
    words = command_words(command, "")
    assert (words.scripts, words.modules) == (scripts, modules)


@pytest.mark.parametrize(
    ("command", "cwd"), [("python t.py", "w"), ("cd a; python t.py", "w/a"), ("cd $X; a", None)]
)
def test_where_the_scripts_run(command: str, cwd: str | None) -> None:
    assert command_words(command, "w").cwd == cwd


def test_no_command_names_nothing() -> None:
    assert command_words(None, "w").named == ()


@given(st.text(alphabet="ab/. \"'\\;&|<>()$=-\n", max_size=60))
def test_any_text_gives_paths_inside_the_repository(text: str) -> None:
    words = command_words(text, "w")
    for path in (*words.named, *words.scripts):
        assert path
        assert not path.startswith(("/", ".."))
