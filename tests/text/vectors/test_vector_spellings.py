"""Under which spellings a word is looked up."""

from unicodedata import normalize

import pytest

from hoiquy.text.vectors.spellings import spellings
from hoiquy.text.vietnamese import normalize_vietnamese, with_other_tone_placement


def test_a_word_is_looked_up_as_it_is_then_in_lower_case_then_in_nfc() -> None:
    decomposed = normalize("NFD", "Tốt")
    wanted = [decomposed, decomposed.lower(), "Tốt", "tốt"]
    assert [one.decode() for one in spellings(decomposed)] == wanted


def test_a_plain_word_has_one_spelling() -> None:
    assert spellings("film") == [b"film"]


def test_syllables_may_be_joined_by_spaces() -> None:
    assert [one.decode() for one in spellings("học_sinh")] == ["học_sinh", "học sinh"]
    assert spellings("_") == [b"_"]


def test_the_tone_mark_may_be_on_the_other_vowel() -> None:
    assert [one.decode() for one in spellings("hoà")] == ["hoà", "hòa"]


@pytest.mark.parametrize(
    ("new", "old"),
    [("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuý", "thúy"), ("Hoà_Bình", "Hòa_Bình"), ("uỷ", "ủy")],
)
def test_both_placements_are_each_other_s(new: str, old: str) -> None:
    assert with_other_tone_placement(new) == old
    assert with_other_tone_placement(old) == new == normalize_vietnamese(old)


@pytest.mark.parametrize("word", ["hoàn", "quý", "quả", "của", "film", "", "ò", "toán", "xoè_1"])
def test_other_words_have_one_placement(word: str) -> None:
    changed = with_other_tone_placement(word)
    assert changed == ("xòe_1" if word == "xoè_1" else word)


def test_lone_surrogates_are_looked_up_too() -> None:
    assert spellings("\ud800")[0] == b"\xed\xa0\x80"
