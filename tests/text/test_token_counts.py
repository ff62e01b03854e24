"""Token counts of all texts at once agree with splitting one text at a time."""

from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hoiquy.text import LAB, START_TOKEN, Vocabulary, count_tokens, token_counts

# Separators, other white space, a final sigma, capitals that grow in lower case, a lone surrogate.
ALPHABET = "ab Z.'\n\t\r\x85\xa0\u2028İΣσßé\ud800😀\x00"
TEXTS = st.lists(st.text(alphabet=ALPHABET, max_size=30), max_size=12)


@given(TEXTS, st.integers(1, 4))
@example([], 1)
@example([""], 1)
@example(["ΑΣ", "Σ", "ΑΣ Σ"], 1)
@example(["same words", "same words", "words"], 1)
@settings(deadline=None)  # the first call imports pyarrow
def test_numbers_are_positions_of_the_words_of_each_text(texts: list[str], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_counts, "_CHUNK", chunk)
        patch.setattr(token_counts, "_BLOCK_TOKENS", 10)
        patch.setattr(token_counts, "_MAX_PENDING", 1)
        counted = count_tokens(texts)
    words = [[START_TOKEN, *LAB.words(text)] for text in texts]
    assert counted.words == list(dict.fromkeys([START_TOKEN, *chain.from_iterable(words)]))
    assert [counted.words[n] for n in counted.numbers] == list(chain.from_iterable(words))
    np.testing.assert_array_equal(counted.starts, np.cumsum([0, *map(len, words)]))
    assert counted.numbers.dtype == np.int32 and counted.starts.dtype == np.int64


@given(TEXTS)
@settings(deadline=None)
def test_the_vocabulary_is_that_of_counting_word_by_word(texts: list[str]) -> None:
    counts = Counter(word for text in texts for word in LAB.words(text))
    if counts:
        expected = tuple(word for word, _ in counts.most_common())
        assert Vocabulary.build(texts, None).words == expected
