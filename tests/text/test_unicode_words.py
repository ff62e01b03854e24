"""Pictographs and runs of characters."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.text import Tokenizer
from hoiquy.text.unicode_words import replacements, unicode_words, word_pattern

PICTOGRAPHS = (
    "😍", "😂", "👍🏽", "👨‍👩‍👧", "👩🏽‍❤️‍💋‍👨🏿", "🇻🇳", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "❤", "❤️", "♥", "★", "☆", "✓", "✗", "♫", "▲", "☹️", "⭐",
)  # fmt: skip
PARTS = st.one_of(
    st.sampled_from(PICTOGRAPHS),
    st.sampled_from(
        ["hay", " ", "!", "?", ".", "…", ":)", "<3", "a1", "我", "đẹp", "\u200d", "\ufe0f"]
    ),
    st.text(max_size=3),
)
ASCII_PARTS = st.one_of(
    st.sampled_from(
        ["don't", "x'd", "8)", "tx", "t.t", "-_-", ":-))", ";d", "<3333", "^_^", "@@", "?!?!", "_'"]
    ),
    st.text(st.characters(max_codepoint=127), max_size=4),
)


def words(text: str, punctuation: bool = False) -> list[str]:
    return Tokenizer("nfc", "unicode+punctuation" if punctuation else "unicode").words(text)


@pytest.mark.parametrize("punctuation", [False, True])
@pytest.mark.parametrize("pictograph", PICTOGRAPHS)
def test_a_pictograph_is_one_word_however_often_it_is_there(
    pictograph: str, punctuation: bool
) -> None:
    (word,) = words(pictograph, punctuation)
    assert word == pictograph.replace("\ufe0f", "")
    assert words(f"hay{pictograph * 3}quá {pictograph}", punctuation) == [
        "hay", word, word, word, "quá", word,
    ]  # fmt: skip
    assert words(pictograph * 40, punctuation) == [word] * 5


@given(
    st.lists(st.tuples(st.sampled_from(["hay ", "phim", "! ", ""]), st.sampled_from(PICTOGRAPHS)))
)
def test_doubled_pictographs_are_the_same_set_of_words(parts: list[tuple[str, str]]) -> None:
    once = "".join(before + pictograph for before, pictograph in parts)
    doubled = "".join(before + 2 * pictograph for before, pictograph in parts)
    assert set(words(once)) == set(words(doubled))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("★★★★☆", "★ ★ ★ ★ ☆"),  # a network counts them; as one word only this text would have it
        ("★★☆☆☆ <3 :))", "★ ★ ☆ ☆ ☆ <3 :))"),
        ("❤❤️❤", "❤ ❤ ❤"),
        ("a1️⃣ 12", "a 1⃣ 12"),
        ("葛\U000e0100", "葛"),
        ("!!!! !!!!!! ?? ?!?!?!?!", "!!! !!! ?? ?!?"),
        ("<3 <33 <33333333 :))))))) =((((( @@@@@", "<3 <33 <333 :))) =((( @@@"),
        ("hayyyyyy hayyyy hayy", "hayyy hayyy hayy"),
        ("1000000 55555 2000", "1000000 55555 2000"),
        ("哈哈哈哈哈 ________", "哈 哈 哈 ___"),
    ],
)
def test_runs(text: str, expected: str) -> None:
    assert words(text) == expected.split()


def test_runs_of_punctuation() -> None:
    assert words("hay.... dở........ .…….. …", True) == [
        "hay", "...", "dở", "...", ".……", "…",
    ]  # fmt: skip


@given(st.lists(PARTS).map("".join) | st.lists(ASCII_PARTS).map("".join), st.booleans())
def test_the_rule_is_what_an_exported_description_says(text: str, punctuation: bool) -> None:
    """The quick look before each replacement leaves none out."""
    followed = text.lower()
    for old, new in replacements():
        followed = regex.sub(old, new, followed)
    found = regex.findall(word_pattern(punctuation), followed)
    assert unicode_words(text, punctuation).decode("utf-8", "surrogatepass") == " ".join(found)
