from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.errors import DataError
from hoiquy.text import (
    FIRST_WORD,
    LAB,
    OUT_OF_VOCABULARY,
    PAD,
    START,
    IndexScheme,
    Ngrams,
    Tokenizer,
    Vocabulary,
    token_counts,
)

WORDS = st.text(
    st.characters(exclude_characters="\n", codec=None, exclude_categories=()), min_size=1
)
TEXTS = st.lists(st.text(alphabet="abcd ,\r\x85é\ud800"), max_size=8)


def test_words_rank_by_count_and_then_by_first_appearance() -> None:
    vocabulary = Vocabulary.build(["c b a", "b a", "B! d"], num_words=None)
    assert vocabulary.words == ("b", "a", "c", "d")


def test_indices_are_those_of_keras() -> None:
    assert (PAD, START, OUT_OF_VOCABULARY, FIRST_WORD) == (0, 1, 2, 4)
    vocabulary = Vocabulary(("the", "and", "a"), num_words=6)
    encoded = vocabulary.encode("The end, and a ...")
    # "a" would be 6, which is not below num_words.
    assert encoded.tolist() == [1, 4, 2, 5, 2]
    assert encoded.dtype == np.int32


def test_without_num_words_every_word_is_kept() -> None:
    vocabulary = Vocabulary(("the", "and", "a"), num_words=None)
    assert vocabulary.encode("a and the").tolist() == [1, 6, 5, 4]


def test_the_smallest_num_words_keeps_no_word() -> None:
    assert Vocabulary(("the",), num_words=4).encode("the").tolist() == [1, 2]


@given(TEXTS, st.text(alphabet="abcdxyz "), st.one_of(st.none(), st.integers(4, 9)))
def test_encode_and_decode_round_trip(texts: list[str], text: str, num_words: int | None) -> None:
    vocabulary = Vocabulary.build([*texts, "a"], num_words)
    kept = vocabulary.words if num_words is None else vocabulary.words[: num_words - FIRST_WORD]
    expected = [word if word in kept else "<oov>" for word in LAB.words(text)]
    encoded = vocabulary.encode(text)
    assert vocabulary.decode(encoded) == " ".join(expected)
    assert num_words is None or encoded.max() < num_words


def test_which_vocabularies_encode_alike() -> None:
    one = Vocabulary(("good", "bad", "film"), num_words=6)
    assert one.encodes_as(Vocabulary(("good", "bad"), num_words=None))
    ngrams = Ngrams(np.array([[0, 4, 5]], np.int32))
    assert one.encodes_as(replace(one, ngrams=ngrams))
    assert not one.encodes_as(replace(one, num_words=7))
    assert not one.encodes_as(replace(one, words=("bad", "good", "film")))
    assert not one.encodes_as(replace(one, rules=Tokenizer(tokenizer="characters")))
    assert not one.encodes_as(replace(one, scheme=IndexScheme(start=None, unknown=1, first_word=2)))


@given(TEXTS)
def test_encode_all_is_encode_for_each(texts: list[str]) -> None:
    vocabulary = Vocabulary(("a", "b", "cd", "\ud800", "é"), num_words=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_counts, "_LOOKUP_CHUNK", 2)
        encoded = vocabulary.encode_all(texts)
    assert len(encoded) == len(texts)
    assert (encoded.indices.dtype, encoded.starts.dtype) == (np.int32, np.int64)
    for text, start, end in zip(texts, encoded.starts, encoded.starts[1:], strict=False):
        np.testing.assert_array_equal(encoded.indices[start:end], vocabulary.encode(text))


@given(st.lists(st.text(max_size=20), max_size=6))
def test_little_text_is_encoded_as_much_text_is(texts: list[str]) -> None:
    many = [f"word{number}" for number in range(500)]
    vocabulary = Vocabulary(("the", "a", "film", *many))
    little, much = vocabulary.encode_all(texts), vocabulary.encode_all([*texts, " ".join(many)])
    assert sum(map(len, texts)) < len(many)  # looked up one by one, and in bulk
    np.testing.assert_array_equal(little.starts, much.starts[:-1])
    np.testing.assert_array_equal(little.indices, much.indices[: len(little.indices)])
    assert little.indices.dtype == much.indices.dtype == np.int32


def test_decode_omits_padding_and_start() -> None:
    vocabulary = Vocabulary(("good", "film"), num_words=5)
    assert vocabulary.decode([0, 0, 1, 4, 2, 5]) == "good <oov> film"


@pytest.mark.parametrize("index", [-1, 3, 6])
def test_decode_refuses_an_index_without_meaning(index: int) -> None:
    with pytest.raises(DataError, match=f"index {index}: expected 0, 1, 2 or 4 to 5"):
        Vocabulary(("good", "film")).decode([index])


@pytest.mark.parametrize("words", [(), ("a", ""), ("a\nb",), ("a", "b", "a")])
def test_words_that_cannot_be_a_vocabulary_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(DataError):
        Vocabulary(words)


def test_texts_without_words_and_a_tiny_num_words_are_refused() -> None:
    with pytest.raises(DataError, match="no words"):
        Vocabulary.build(["", "!!"], num_words=None)
    with pytest.raises(DataError, match="num_words 3: expected at least 4"):
        Vocabulary(("a",), num_words=3)


def test_its_repr_is_short() -> None:
    assert repr(Vocabulary(("a", "b"), 10)) == "Vocabulary(2 words, num_words=10)"


@given(st.lists(WORDS, min_size=1, unique=True).map(tuple), st.integers(4, 99))
def test_dump_and_parse_round_trip(words: tuple[str, ...], num_words: int) -> None:
    vocabulary = Vocabulary(words, num_words)
    assert Vocabulary.parse(vocabulary.dump(), num_words, "a test") == vocabulary


def test_the_file_is_one_word_a_line_by_rank() -> None:
    assert Vocabulary(("phở", "a\rb", "c\x85")).dump() == "phở\na\rb\nc\x85\n".encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no words"),
        (b"good\nfil", "truncated"),
        (b"good\n\nfilm\n", "rank 2"),
        (b"good\nfilm\ngood\n", "'good' occurs 2 times"),
        (b"good\n\xff\n", "byte 5 is not UTF-8"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        Vocabulary.parse(content, None, "run/vocabulary.txt")
    assert "run/vocabulary.txt" in str(caught.value)
    assert "\n" not in str(caught.value)
