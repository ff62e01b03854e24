"""Rows of n-grams equal scikit-learn's TfidfVectorizer, whatever the texts and their batches."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from hoiquy.linear import features as module
from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.ngram_keys import (
    MOST_ROWS,
    character_ngrams,
    keys_of,
    padded_text,
    rows_of,
    word_ngrams,
)
from hoiquy.linear.tfidf import Tfidf
from hoiquy.text import Tokenizer

TOKENIZER = Tokenizer("nfc", "unicode+punctuation")
_PIECES = [
    "a", "b", "ab", "thẻ", "của", "tôi", "学习", "中", "🙂", "👩‍🏫", "\ud800", "é", "e\u0301", "İ",
    "ß",    " ", "  ", "\n", "\t", "\u3000", "\xa0", ".", "!?", "'", "n't", "12", "",
]  # fmt: skip
_TEXTS = st.lists(
    st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(max_size=30), max_size=7
)


@given(texts=_TEXTS, longest=st.integers(1, 4), binary=st.booleans())
def test_rows_of_words_are_those_of_scikit_learn(
    texts: list[str], longest: int, binary: bool
) -> None:
    theirs = _scikit_learn(texts, TOKENIZER.words, (1, longest), binary=binary)
    _assert_same(_rows(texts, NgramSettings(longest, None, binary=binary)), theirs)


@given(texts=_TEXTS, shortest=st.integers(1, 3), more=st.integers(0, 4))
def test_rows_within_words_are_those_of_char_wb(texts: list[str], shortest: int, more: int) -> None:
    """Of three characters or fewer; scikit-learn counts a shorter word as a whole."""
    limits = shortest, shortest + more

    def analyzed(text: str) -> list[str]:
        found = TfidfVectorizer(analyzer="char_wb", ngram_range=limits).build_analyzer()
        return [ngram for ngram in found(TOKENIZER.normalized(text)) if ngram != " "]

    theirs = _scikit_learn(texts, analyzed, (1, 1), least=2)
    _assert_same(_rows(texts, NgramSettings(0, limits, across_words=False)), theirs)


@given(texts=_TEXTS, shortest=st.integers(1, 3), more=st.integers(0, 4))
def test_rows_across_words_are_those_of_char(texts: list[str], shortest: int, more: int) -> None:
    limits = shortest, shortest + more

    def analyzed(text: str) -> list[str]:
        if not text.split():
            return []
        found = TfidfVectorizer(analyzer="char", ngram_range=limits).build_analyzer()
        return [ngram for ngram in found(padded_text(TOKENIZER.normalized(text))) if ngram != " "]

    theirs = _scikit_learn(texts, analyzed, (1, 1), least=2)
    _assert_same(_rows(texts, NgramSettings(0, limits)), theirs)


def test_a_word_shorter_than_the_shortest_ngram_has_none() -> None:
    found = character_ngrams(["a longer"], 4, 4)
    assert len(found) == len({" lon", "long", "onge", "nger", "ger "})
    theirs = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4)).build_analyzer()("a longer")
    assert theirs == [" a ", " lon", "long", "onge", "nger", "ger "]


def test_different_ngrams_have_different_keys() -> None:
    # of the same characters, of different lengths, and words that joined are the same
    texts = ["ab", "ba", "aab", "aba", "baa", "a b", "b a"]
    keys = keys_of(character_ngrams(texts, 1, 5, across_words=True))
    expected = {
        padded[begin : begin + length]
        for padded in map(padded_text, texts)
        for length in range(1, 6)
        for begin in range(len(padded) - length + 1)
    } - {" "}
    assert len(set(keys.tolist())) == len(expected)
    words = [b"a bc", b"ab c", b"abc", b"cab", b"c ab", b"a b c"]
    assert len(set(keys_of(word_ngrams(words, 3)).tolist())) == len(
        ["a", "bc", "a bc", "ab", "c", "ab c", "abc", "cab", "c ab", "b", "a b", "b c", "a b c"]
    )


def test_ngrams_do_not_span_texts() -> None:
    assert rows_of(character_ngrams(["ab", "cd"], 4, 4)).tolist() == [0, 1]
    assert rows_of(word_ngrams([b"a b", b"", b"c d"], 2)).tolist() == [0, 0, 2, 2, 0, 2]


@given(texts=_TEXTS.filter(bool), data=st.data())
def test_a_row_does_not_depend_on_its_batch(texts: list[str], data: st.DataObject) -> None:
    features = Features.fit(NgramSettings(), TOKENIZER, texts)
    rows = features.transform(texts)
    for number in range(len(texts)):
        alone = features.transform([texts[number]])
        assert (alone != rows[number]).nnz == 0
    order = data.draw(st.permutations(range(len(texts))))
    assert (features.transform([texts[place] for place in order]) != rows[order]).nnz == 0


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["one text", "", "another text", "x" * 40, "one more text of words", "text"] * 3
    whole = Features.fit(NgramSettings(), TOKENIZER, texts)
    rows = whole.transform(texts)
    monkeypatch.setattr(module, "_BLOCK_CHARACTERS", 30)
    assert len(list(whole.transform_in_blocks(texts))) > 5
    parts = Features.fit(NgramSettings(), TOKENIZER, texts)
    for one, other in zip(whole.tables, parts.tables, strict=True):
        np.testing.assert_array_equal(one.keys, other.keys)
        np.testing.assert_array_equal(one.idf, other.idf)
    assert (parts.transform(texts) != rows).nnz == 0
    assert whole.words == parts.words


def test_more_documents_than_a_block_can_number() -> None:
    texts = ["a b", "b c", "c a"] * MOST_ROWS
    features = Features.fit(NgramSettings(2, (1, 2)), TOKENIZER, texts)
    rows = features.transform(texts)
    assert rows.shape[0] == len(texts)
    assert (rows[: 3 * 100] != rows[-3 * 100 :]).nnz == 0
    idf = 1 + np.log((1 + len(texts)) / (1 + len(texts) * 2 / 3))  # of a word: in two of three
    assert np.isclose(features.tables[0].idf.min(), idf)


def test_two_threads_fit_and_transform_as_one() -> None:
    texts = ["some words here", "other words there", "and some others"] * 20
    expected = Features.fit(NgramSettings(), TOKENIZER, texts)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: Features.fit(NgramSettings(), TOKENIZER, texts), range(4)))
        rows = list(pool.map(expected.transform, [texts] * 4))
    for features in found:
        for one, other in zip(features.tables, expected.tables, strict=True):
            np.testing.assert_array_equal(one.keys, other.keys)
    assert all((one != rows[0]).nnz == 0 for one in rows)


def test_rare_ngrams_are_left_out() -> None:
    documents = ["a b", "a c", "a b", "d"]

    def fit(least: int, most: int) -> list[str]:
        encoded = [text.encode() for text in documents]
        table = Tfidf.fit([word_ngrams(encoded, 1)], len(documents), least, most)
        found = {int(keys_of(word_ngrams([word], 1))[0]): word for word in (b"a", b"b", b"c", b"d")}
        return sorted(found[key].decode() for key in table.keys.tolist())

    assert fit(1, 9) == ["a", "b", "c", "d"]
    assert fit(2, 9) == ["a", "b"]
    assert fit(4, 9) == []
    assert fit(1, 1) == ["a"]
    assert fit(1, 3) in (["a", "b", "c"], ["a", "b", "d"])  # c and d are equally rare


def test_words_are_those_of_the_texts() -> None:
    """Of every kept n-gram: a word alone may be left out where n-grams with it are not."""
    features = Features.fit(NgramSettings(2, None, most=4), TOKENIZER, ["ü b", "ü b", "ü b c d"])
    assert features.words.decode().split() == ["b", "c", "d", "ü"]
    assert Features.fit(NgramSettings(0, (2, 3)), TOKENIZER, ["a b"]).words == b""


@pytest.mark.parametrize("texts", [[], [""], [" \n"], ["", "\u3000"]])
def test_texts_without_ngrams_have_empty_rows(texts: list[str]) -> None:
    features = Features.fit(NgramSettings(), TOKENIZER, texts)
    assert len(features) == 0
    assert features.transform(texts).shape == (len(texts), 0)
    some = Features.fit(NgramSettings(), TOKENIZER, ["a b", "a b"])
    rows = some.transform(texts)
    assert (rows.shape, rows.nnz) == ((len(texts), len(some)), 0)


def _rows(texts: list[str], settings: NgramSettings) -> Any:
    return Features.fit(settings, TOKENIZER, texts).transform(texts)


def _scikit_learn(
    texts: list[str], analyzed: Callable[[str], list[str]], limits: tuple[int, int], least: int = 1,
    binary: bool = False,
) -> Any:  # fmt: skip
    """Rows of the n-grams that at least so many texts have; of none, where there are none."""
    if limits == (1, 1):
        kind = {"analyzer": lambda text: analyzed(text.lower() if least == 2 else text)}
    else:
        kind = {"tokenizer": analyzed, "token_pattern": None, "lowercase": False}
    counts = {"binary": True} if binary else {"sublinear_tf": True}
    vectorizer = TfidfVectorizer(ngram_range=limits, min_df=least, **counts, **kind)
    try:
        return vectorizer.fit_transform(texts)
    except ValueError:  # no n-grams
        return sparse.csr_matrix((len(texts), 0))


def _assert_same(ours: Any, theirs: Any) -> None:
    """Equal but for the order of the columns and float32 rounding."""
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape
    assert np.array_equal(np.diff(ours.indptr), np.diff(theirs.indptr))
    np.testing.assert_allclose(_gram(ours), _gram(theirs), atol=1e-6)
    for number in range(ours.shape[0]):
        one, other = np.sort(ours[number].data), np.sort(theirs[number].data)
        np.testing.assert_allclose(one, other, rtol=1e-6)


def _gram(rows: Any) -> Any:
    exact = rows.astype(np.float64)
    return (exact @ exact.T).toarray()
