"""Index schemes other than that of IMDB: every way to encode gives the same indices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.errors import DataError
from hoiquy.text import IMDB, SCHEMES, IndexScheme, Vocabulary, count_tokens
from hoiquy.text.vocabulary import _FEW_TEXTS

WORDS = ("the", "cat", "sat", "on", "mat")


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        (IMDB, [1, 5, 2, 4]),
        (SCHEMES["tokenizer"], [2, 1]),
        (SCHEMES["tokenizer-oov"], [3, 1, 2]),
        (SCHEMES["text-vectorization"], [3, 1, 2]),
        (IndexScheme(start=3, unknown=None, first_word=7), [3, 8, 7]),
        (IndexScheme(start=2, unknown=1, first_word=3), [2, 4, 1, 3]),
    ],
)
def test_a_text_in_each_numbering(scheme: IndexScheme, expected: list[int]) -> None:
    vocabulary = Vocabulary(WORDS, scheme=scheme)
    assert vocabulary.encode("Cat, dog: the").tolist() == expected
    shown = "cat the" if scheme.unknown is None else "cat <oov> the"
    assert vocabulary.decode(expected) == shown
    assert vocabulary.indexed_words("cat dog the") == shown.replace("<oov>", "dog").split(" ")
    assert vocabulary.index_count == scheme.first_word + 5
    fewer = Vocabulary(WORDS, scheme.first_word + 1, scheme=scheme)
    assert fewer.index_count == scheme.first_word + 1
    assert fewer.encode("the cat").tolist() == [
        *([] if scheme.start is None else [scheme.start]),
        scheme.first_word,
        *([] if scheme.unknown is None else [scheme.unknown]),
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([*WORDS, "dog", "x"]), max_size=6).map(" ".join), min_size=1),
    st.sampled_from([IMDB, *SCHEMES.values(), IndexScheme(3, None, 7)]),
    st.integers(0, 6),
)
def test_every_way_to_encode_gives_the_same(
    texts: list[str], scheme: IndexScheme, kept: int
) -> None:
    vocabulary = Vocabulary(WORDS, scheme.first_word + kept, scheme=scheme)
    expected = [vocabulary.encode(text).tolist() for text in texts]
    many = texts * (_FEW_TEXTS // len(texts) + 1)  # enough of them to be looked up in bulk
    for documents in (
        vocabulary.encode_all(texts),
        vocabulary.encode_all(many),
        vocabulary.encode_counted(count_tokens(texts)),
    ):
        assert len(documents) in (len(texts), len(many))
        for row in range(len(documents)):
            begin, end = documents.starts[row : row + 2]
            assert np.array(documents.indices)[begin:end].tolist() == expected[row % len(texts)]


def test_a_long_stretch_of_dropped_words_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hoiquy.text.vocabulary._PIECE_TOKENS", 2)
    vocabulary = Vocabulary(WORDS, scheme=SCHEMES["tokenizer"])
    documents = vocabulary.encode_counted(count_tokens(["dog dog dog dog cat", "dog", "the"]))
    assert np.array(documents.indices).tolist() == [2, 1]
    assert documents.starts.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize("numbers", [(1, 1, 4), (4, 2, 4), (0, 2, 4), (1, 2, 2), (None, None, 0)])
def test_indices_that_do_not_fit_together_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(DataError, match="expected different indices"):
        IndexScheme(*numbers)
