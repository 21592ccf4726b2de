"""`.dvcignore` patterns mean what they mean to DVC."""

import pytest
from dvc.ignore import DvcIgnorePatterns
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parsing.ignore_cases import IGNORED, PATHS, we_say


def dvc_says(text: str, path: str, is_folder: bool) -> bool:
    lines = [line.strip() for line in text.splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    folder, _, name = f"/r/{path}".rpartition("/")
    return bool(DvcIgnorePatterns(patterns, "/r", "/").matches(folder, name, is_folder))


@pytest.mark.parametrize("text", IGNORED, ids=repr)
def test_dvc_ignores_what_the_table_says(text: str) -> None:
    found = {path for path in PATHS if dvc_says(text, path.rstrip("/"), path.endswith("/"))}
    assert found == set(IGNORED[text])


SEGMENT = st.text(alphabet="ab*?", min_size=1, max_size=3).filter(lambda part: "**" not in part)


@given(
    st.lists(
        st.builds(
            "{}{}{}{}".format,
            st.sampled_from(["", "!"]),
            st.sampled_from(["", "/", "**/"]),
            st.lists(SEGMENT, min_size=1, max_size=3).map("/".join),
            st.sampled_from(["", "/"]),
        ),
        max_size=4,
    ).map("\n".join),
    st.lists(st.text(alphabet="ab", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_any_pattern_means_what_it_means_to_dvc(text: str, path: str, is_folder: bool) -> None:
    assert we_say(text, path, is_folder) == dvc_says(text, path, is_folder)
