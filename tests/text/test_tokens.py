from hypothesis import given
from hypothesis import strategies as st

from hoiquy.text import LAB, SEPARATORS

# Characters where the rule and the usual ideas of white space and case part ways.
AWKWARD = st.text(alphabet=[*SEPARATORS, *" \r\x0b\x0c\x1c\x85\xa0\u2028'aBİßΣ\ud800é"])


def keras_reference(text: str) -> list[str]:
    """Keras' text_to_word_sequence, step by step."""
    text = text.lower()
    for separator in SEPARATORS:
        text = text.replace(separator, " ")
    return [word for word in text.split(" ") if word]


def test_the_separators_are_those_of_keras() -> None:
    assert SEPARATORS == '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def test_a_sentence_is_split_at_punctuation_and_spaces_only() -> None:
    text = "Well-made,<br />it's\t«GOOD»\nA+  end!"
    assert LAB.words(text) == ["well", "made", "br", "it's", "«good»", "a", "end"]


def test_other_white_space_stays_inside_words() -> None:
    assert LAB.words("a\rb c\x85d e\xa0f \x0b") == ["a\rb", "c\x85d", "e\xa0f", "\x0b"]


def test_a_text_without_words_gives_none() -> None:
    assert LAB.words("") == LAB.words(" \n!?... ") == []


@given(st.one_of(st.text(), AWKWARD))
def test_it_agrees_with_the_reference(text: str) -> None:
    assert LAB.words(text) == keras_reference(text)
