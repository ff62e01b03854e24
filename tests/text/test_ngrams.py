"""N-grams: which are counted, their file, and finding them again."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hoiquy.errors import DataError
from hoiquy.nn.kernels import NgramTable
from hoiquy.nn.kernels.fast.ngrams import find_ngrams as find_fast
from hoiquy.nn.kernels.ngram_table import FIRST_INDEX, INDEX_BITS, LONGEST
from hoiquy.nn.kernels.plain.ngrams import find_ngrams as find_plain
from hoiquy.text import FIRST_WORD, EncodedDocuments, Ngrams, ngrams

WORDS = ["the", "film", "not", "good", "bad"]
THE, FILM, NOT, GOOD, BAD = range(FIRST_WORD, FIRST_WORD + len(WORDS))


def documents(*of_words: list[int]) -> EncodedDocuments:
    parts = [[1, *words] for words in of_words]
    starts = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return EncodedDocuments(np.concatenate(parts).astype(np.int32), starts)


def counted_slowly(docs: list[list[int]], longest: int, least: int) -> set[tuple[int, ...]]:
    counts: Counter[tuple[int, ...]] = Counter()
    for words in docs:
        for length in range(2, longest + 1):
            runs = (tuple(words[at : at + length]) for at in range(len(words) - length + 1))
            counts.update(run for run in runs if min(run) >= FIRST_WORD)
    return {run for run, times in counts.items() if times >= least}


def as_runs(found: Ngrams) -> list[tuple[int, ...]]:
    return [tuple(index for index in row if index) for row in found.indices.tolist()]


def test_the_first_word_has_the_same_index_everywhere() -> None:
    assert FIRST_INDEX == FIRST_WORD


def test_the_most_frequent_comes_first_and_none_reaches_into_the_next_document() -> None:
    found = Ngrams.count(documents([NOT, GOOD, FILM], [NOT, GOOD], [THE, NOT, GOOD]), 3, 1)
    assert as_runs(found)[0] == (NOT, GOOD)
    assert set(as_runs(found)) == {
        (NOT, GOOD), (GOOD, FILM), (NOT, GOOD, FILM), (THE, NOT), (THE, NOT, GOOD),
    }  # fmt: skip


words_of_documents = st.lists(
    st.lists(st.integers(2, FIRST_WORD + len(WORDS) - 1), max_size=12), min_size=1, max_size=8
)


@given(
    words_of_documents, st.integers(2, LONGEST), st.integers(1, 3), st.integers(1, 40),
    st.integers(10, 100),
)  # fmt: skip
@settings(deadline=None)
def test_counts_agree_with_a_naive_reference(
    docs: list[list[int]], longest: int, least: int, at_once: int, of_a_pass: int
) -> None:
    whole = Ngrams.count(documents(*docs), longest, least)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngrams, "_BLOCK_TOKENS", at_once)
        patch.setattr(ngrams, "_PASS_NGRAMS", of_a_pass)
        counted = Ngrams.count(documents(*docs), longest, least)
    np.testing.assert_array_equal(counted.indices, whole.indices)
    found = as_runs(counted)
    assert len(set(found)) == len(found)
    assert set(found) == counted_slowly(docs, longest, least)


@given(words_of_documents)
def test_the_file_comes_back_as_it_was(docs: list[list[int]]) -> None:
    found = Ngrams.count(documents(*docs), 3, 1)
    back = Ngrams.parse(found.dump(WORDS), WORDS, "ngrams.txt")
    np.testing.assert_array_equal(back.indices, found.indices)


@pytest.mark.parametrize(
    "content",
    [b"not good", b"not\n", b"not nice\n", b"not not not good\n", b"\xff\n", b"\n",
     b"not good\nnot good\n"],
)  # fmt: skip
def test_a_damaged_file_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match=r"run: ngrams\.txt is damaged"):
        Ngrams.parse(content, WORDS, "run: ngrams.txt")


def found_slowly(x: np.ndarray, runs: np.ndarray) -> np.ndarray:
    row_of = {tuple(run): row for row, run in enumerate(runs.tolist(), 1)}
    rows = np.zeros((LONGEST - 1, *x.shape), np.int32)
    for (t, r), _ in np.ndenumerate(x):
        for length in range(2, LONGEST + 1):
            if t + 1 >= length:
                run = x[t + 1 - length : t + 1, r].tolist()
                padded = (0,) * (LONGEST - length) + tuple(run)
                if min(run) >= FIRST_INDEX:
                    rows[length - 2, t, r] = row_of.get(padded, 0)
    return rows


@given(
    arrays(np.int32, (9, 4), elements=st.integers(0, 8)),
    st.lists(
        st.lists(st.integers(FIRST_INDEX, 8), min_size=2, max_size=3).map(tuple), unique=True,
        max_size=60,
    ),
)  # fmt: skip
def test_both_kernels_find_what_is_there(x: np.ndarray, runs: list[tuple[int, ...]]) -> None:
    padded = [(0,) * (LONGEST - len(run)) + run for run in runs]
    rows = np.array(padded, np.int32).reshape(-1, LONGEST)
    table = NgramTable.of(rows)
    np.testing.assert_array_equal(find_plain(x, table), found_slowly(x, rows))
    np.testing.assert_array_equal(find_fast(x, table), find_plain(x, table))


def test_many_ngrams_of_large_indices_are_found() -> None:
    rng = np.random.default_rng(1)
    runs = rng.integers(FIRST_INDEX, 1 << INDEX_BITS, (5000, LONGEST)).astype(np.int32)
    runs[::2, 0] = 0
    table = NgramTable.of(runs)
    pairs = find_fast(np.ascontiguousarray(runs[::2, 1:].T), table)
    np.testing.assert_array_equal(pairs[0, 1], np.arange(1, len(runs) + 1, 2))
    threes = find_plain(np.ascontiguousarray(runs[1::2].T), table)
    np.testing.assert_array_equal(threes[1, 2], np.arange(2, len(runs) + 1, 2))
