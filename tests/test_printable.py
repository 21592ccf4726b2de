"""Which characters are shown as they are, and which by their escapes."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.errors import InputError
from lineage_diff.text import MARKS, shorten, visible, visible_lines, without_commands

ACUTE = "\u0301"
HONEST = [
    "models/churn-v2.pkl",
    "数据/训练集.csv",
    "モデル/分類器.pkl",
    "모델/고객.pkl",
    "модель.pkl",
    "μοντέλο.pkl",
    "نموذج.pkl",
    "דגם.pkl",
    "मॉडल/प्रशिक्षण.pkl",
    "แบบจำลอง/ข้อมูลที่.pkl",
    "mô-hình/dữ-liệu.pkl",
    unicodedata.normalize("NFD", "mô-hình/dữ-liệu.pkl"),
    "🚀/🤖 model 🇫🇷 👍🏽.pkl",
    "naïve café – 1 ½ × 2 ≥ 3 “quoted” … £ € ∑",
    "གསྒྲུབས་.pkl",
]
UNSEEN = {
    "\u00ad": r"\xad",
    "\u034f": r"\u034f",
    "\u061c": r"\u061c",
    "\u115f": r"\u115f",
    "\u1160": r"\u1160",
    "\u17b4": r"\u17b4",
    "\u17b5": r"\u17b5",
    "\u180b": r"\u180b",
    "\u180e": r"\u180e",
    "\u180f": r"\u180f",
    "\u200b": r"\u200b",
    "\u200c": r"\u200c",
    "\u200d": r"\u200d",
    "\u202e": r"\u202e",
    "\u2060": r"\u2060",
    "\u2065": r"\u2065",
    "\u2069": r"\u2069",
    "\u206f": r"\u206f",
    "\u2800": r"\u2800",
    "\u3164": r"\u3164",
    "\ufe00": r"\ufe00",
    "\ufe0e": r"\ufe0e",
    "\ufe0f": r"\ufe0f",
    "\ufeff": r"\ufeff",
    "\uffa0": r"\uffa0",
    "\ufff0": r"\ufff0",
    "\ufffc": r"\ufffc",
    "\U00013441": r"\U00013441",
    "\U00016fe4": r"\U00016fe4",
    "\U0001bca0": r"\U0001bca0",
    "\U0001d159": r"\U0001d159",
    "\U0001d173": r"\U0001d173",
    "\U000e0000": r"\U000e0000",
    "\U000e0041": r"\U000e0041",
    "\U000e0080": r"\U000e0080",
    "\U000e0100": r"\U000e0100",
    "\U000e0fff": r"\U000e0fff",
    "\ue000": r"\ue000",
    "\U0010fffd": r"\U0010fffd",
    "\u0378": r"\u0378",
    "\ufdd0": r"\ufdd0",
    "\ud800": r"\ud800",
    "\u2028": r"\u2028",
    "\x1b": r"\x1b",
    "\x00": r"\x00",
    "\n": r"\n",
    "\t": r"\t",
    "\u00a0": r"\xa0",
    "\u1680": r"\u1680",
    "\u2000": r"\u2000",
    "\u200a": r"\u200a",
    "\u202f": r"\u202f",
    "\u205f": r"\u205f",
    "\u3000": r"\u3000",
}
# Unicode 16.0, DerivedCoreProperties.txt, Default_Ignorable_Code_Point
DEFAULT_IGNORABLE = (
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE1000),
)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_name_is_shown_as_it_is(name: str) -> None:
    assert visible(name) == name


@pytest.mark.parametrize(("char", "shown"), UNSEEN.items())
def test_what_has_no_shape_is_shown_by_its_escape(char: str, shown: str) -> None:
    assert visible(f"a{char}b") == f"a{shown}b"
    assert visible(char) == shown


def test_an_emoji_loses_its_invisible_parts_only() -> None:
    assert visible("❤\ufe0f 👩\u200d💻") == r"❤\ufe0f 👩\u200d💻"


def test_no_default_ignorable_character_is_shown() -> None:
    assert [hex(code) for code in DEFAULT_IGNORABLE if visible(chr(code)) == chr(code)] == []


def test_every_character_is_shown_or_escaped_in_printable_ascii() -> None:
    for code in range(sys.maxunicode + 1):
        shown = visible(f"x{chr(code)}")[1:]
        assert shown == chr(code) or (shown.isascii() and shown.isprintable()), hex(code)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("e" + ACUTE * MARKS, "e" + ACUTE * MARKS),
        ("e" + ACUTE * (MARKS + 2) + "f", "e" + ACUTE * MARKS + r"\u0301" * 2 + "f"),
        (ACUTE + "e", r"\u0301e"),
        ("\u200b" + ACUTE + "e", r"\u200b\u0301e"),
        ("a\u20dd", "a\u20dd"),
        ("\u20dd", r"\u20dd"),
        ("e" + ACUTE + "e" + ACUTE, "e" + ACUTE + "e" + ACUTE),
    ],
    ids=["as many", "more", "on nothing", "on an escape", "around", "around nothing", "on each"],
)
def test_marks_stand_on_a_letter_and_do_not_pile_up(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(max_size=12), st.sampled_from(sorted(UNSEEN)), st.text(max_size=12))
def test_names_that_differ_by_the_unseen_are_shown_differently(
    before: str, char: str, after: str
) -> None:
    assert visible(before + char + after) != visible(before + after)


@given(st.text(max_size=30))
def test_what_is_shown_is_shown_the_same_again(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_line_ends_are_kept_where_they_are_meant() -> None:
    assert visible_lines("a\u3164\nb\r\nc") == "a\\u3164\nb\r\nc"


@given(st.text(max_size=50), st.integers(3, 20))
def test_short_texts_fit(text: str, width: int) -> None:
    short = shorten(text, width)
    assert len(short) <= width
    assert short == text or ("…" in short and len(short) == width)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("a\n \t::error file=a::x\n", "a\n \t\\x3a:error file=a::x\n"),
        ("a ::error::x", "a ::error::x"),
        (": :", ": :"),
        ("a ##[error]x", r"a #\x23[error]x"),
        ("###[error]", r"##\x23[error]"),
        ("##vso[task.setvariable variable=a]b", r"#\x23vso[task.setvariable variable=a]b"),
        ("##teamcity[a]", r"#\x23teamcity[a]"),
        ("## [a] # [b] ## heading", "## [a] # [b] ## heading"),
    ],
)
def test_no_ci_system_takes_a_line_for_a_command(text: str, shown: str) -> None:
    assert without_commands(text) == shown
    assert without_commands(shown) == shown


def test_an_error_is_no_command() -> None:
    assert str(InputError("no ##[group]", hint="Mend it")) == r"no #\x23[group]. Mend it"
