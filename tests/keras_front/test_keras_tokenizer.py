"""Tokenizer and its companions: by hand, and against Keras' own."""

import json
import os
import pickle
import subprocess
import sys
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.keras.preprocessing import text as ours

TEXTS = ["The cat sat.", "the DOG, the cat!", "Ein Café\xa0bar", ""]

ALPHABET = "aAbB .,!\t\n\r\x85éÉßİ_'<"
ONE_TEXT = st.one_of(
    st.text(ALPHABET, max_size=12), st.lists(st.text("aAbé", max_size=2), max_size=5)
)
SOME_TEXTS = st.lists(ONE_TEXT, max_size=6)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "num_words": st.sampled_from([None, 0, 1, 2, 4, 100]),
        "filters": st.sampled_from(["", ".,", "é!", [".", "é"], [], ours.Tokenizer().filters]),
        "lower": st.booleans(),
        "split": st.sampled_from([" ", "a", "__"]),
        "char_level": st.booleans(),
        "oov_token": st.sampled_from([None, "<oov>", "a"]),
        "analyzer": st.sampled_from([None, str.split]),
    },
)
MODES = ("binary", "count", "freq", "tfidf")


@pytest.fixture(scope="module")
def of_keras() -> ModuleType:
    import keras.src.legacy.preprocessing.text as module

    return module


def fitted(**settings: Any) -> ours.Tokenizer:
    tokenizer = ours.Tokenizer(**settings)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def test_words_are_ranked_by_frequency() -> None:
    tokenizer = fitted(num_words=3)
    assert tokenizer.word_index == {
        "the": 1, "cat": 2, "sat": 3, "dog": 4, "ein": 5, "café\xa0bar": 6,
    }  # fmt: skip
    assert tokenizer.document_count == 4
    assert dict(tokenizer.word_docs)["the"] == 2 and tokenizer.word_counts["the"] == 3
    assert tokenizer.texts_to_sequences(["the dog cat", "cat zebra"]) == [[1, 2], [2]]
    with_oov = fitted(num_words=3, oov_token="?")
    assert with_oov.texts_to_sequences(["the dog zebra"]) == [[2, 1, 1]]
    assert with_oov.sequences_to_texts([[2, 1, 99]]) == ["the ? ?"]


def test_tfidf_by_hand() -> None:
    tokenizer = ours.Tokenizer(num_words=3)
    tokenizer.fit_on_texts(["a a b", "a"])
    matrix = tokenizer.texts_to_matrix(["a a b"], mode="tfidf")
    expected = [0, (1 + np.log(2)) * np.log(1 + 2 / 3), np.log(1 + 2 / 2)]
    np.testing.assert_allclose(matrix, [expected], rtol=1e-12)


def test_a_tokenizer_survives_json_and_pickle() -> None:
    tokenizer = fitted(num_words=4, oov_token="?")
    for copy in (
        ours.tokenizer_from_json(tokenizer.to_json()),
        pickle.loads(pickle.dumps(tokenizer)),
    ):
        assert copy.texts_to_sequences(TEXTS) == tokenizer.texts_to_sequences(TEXTS)
        assert copy.get_config() == tokenizer.get_config()


@pytest.mark.parametrize("missing", [None, float("nan"), 3, b"bytes", ["good", None]])
@pytest.mark.parametrize("method", ["fit_on_texts", "texts_to_sequences", "texts_to_matrix"])
def test_a_missing_text_is_named(method: str, missing: Any) -> None:
    tokenizer = fitted()
    with pytest.raises(TypeError, match=r"text 1 is .*expected a string") as caught:
        getattr(tokenizer, method)(["good film", missing])
    assert "\n" not in str(caught.value)
    assert ("dropna" in str(caught.value)) == (
        missing in (None, ["good", None]) or missing != missing
    )
    assert tokenizer.document_count == len(TEXTS)  # unchanged


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"config": {"num_words": 3}}'])
def test_other_json_is_no_tokenizer(content: str) -> None:
    with pytest.raises(ValueError, match="not the output of Tokenizer"):
        ours.tokenizer_from_json(content)


def test_unknown_keywords_and_modes() -> None:
    with pytest.raises(TypeError, match="unknown keywords max_words"):
        ours.Tokenizer(max_words=3)
    with pytest.warns(UserWarning, match="num_words"):
        assert ours.Tokenizer(nb_words=3).num_words == 3
    with pytest.raises(ValueError, match="expected one of binary, count, freq, tfidf"):
        fitted().texts_to_matrix(TEXTS, mode="tf-idf")
    with pytest.raises(ValueError, match="fit_on_texts first"):
        ours.Tokenizer().sequences_to_matrix([[1]])
    with pytest.raises(ValueError, match="tfidf"):
        ours.Tokenizer(num_words=3).sequences_to_matrix([[1]], mode="tfidf")


def test_md5_gives_the_same_indices_in_every_process() -> None:
    assert ours.hashing_trick("The cat sat.", 50, "md5") == [43, 32, 29]  # by md5sum and bc
    assert ours.one_hot("the cat", 50) == [hash(word) % 49 + 1 for word in ("the", "cat")]


@pytest.mark.process
def test_one_hot_follows_the_seed_of_python() -> None:
    script = "from hoiquy.keras.preprocessing.text import one_hot; print(one_hot('the cat', 10**6))"
    for seed in ("1", "2"):
        runs = {
            subprocess.run(
                [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True, check=True, timeout=60,
            ).stdout
            for _ in range(2)
        }  # fmt: skip
        assert len(runs) == 1


def state(tokenizer: Any) -> dict[str, Any]:
    tables = ("word_counts", "word_docs", "index_docs", "word_index", "index_word")
    found = {name: dict(getattr(tokenizer, name)) for name in tables}
    return {**found, "order": list(tokenizer.word_counts), "n": tokenizer.document_count}


def outcome(call: Any, *arguments: Any) -> Any:
    """The result of a call, or ValueError if it raised one."""
    try:
        return call(*arguments)
    except ValueError:
        return ValueError


@pytest.mark.keras
@given(settings=SETTINGS, first=SOME_TEXTS, second=SOME_TEXTS)
def test_same_as_keras(
    of_keras: ModuleType, settings: dict[str, Any], first: list[Any], second: list[Any]
) -> None:
    if settings.get("analyzer") and any(isinstance(text, list) for text in first + second):
        settings = {**settings, "analyzer": None}
    own, other = ours.Tokenizer(**settings), of_keras.Tokenizer(**settings)
    for texts in (first, second):  # the second fit adds to the first
        own.fit_on_texts(texts)
        other.fit_on_texts(texts)
        assert state(own) == state(other)
    sequences = other.texts_to_sequences(second)
    assert own.texts_to_sequences(second) == sequences
    assert own.sequences_to_texts(sequences) == other.sequences_to_texts(sequences)
    own.fit_on_sequences(sequences)
    other.fit_on_sequences(sequences)
    assert state(own) == state(other)
    for mode in MODES:
        matrices = outcome(own.sequences_to_matrix, sequences, mode)
        expected = outcome(other.sequences_to_matrix, sequences, mode)
        if matrices is ValueError or expected is ValueError:
            assert matrices is expected
        else:
            np.testing.assert_allclose(matrices, expected, rtol=1e-12)
    assert json.loads(own.to_json()) == json.loads(other.to_json())
    if own.analyzer is None:  # a function is not in the JSON
        copy = of_keras.tokenizer_from_json(own.to_json())
        assert copy.texts_to_sequences(second) == sequences
        assert ours.tokenizer_from_json(other.to_json()).texts_to_sequences(second) == sequences


@pytest.mark.keras
@given(
    st.text(ALPHABET, max_size=30),
    st.sampled_from(["", "a.", "é", ["a", "."], ours.Tokenizer().filters]), st.booleans(),
    st.sampled_from([" ", "b", "__", "é"]),
)  # fmt: skip
def test_the_same_words_as_keras(
    of_keras: ModuleType, text: str, filters: Any, lower: bool, split: str
) -> None:
    arguments = (text, filters, lower, split)
    assert ours.text_to_word_sequence(*arguments) == of_keras.text_to_word_sequence(*arguments)
    for hashed in (None, "md5", len):
        arguments = (text, 7, hashed, filters, lower, split)
        assert ours.hashing_trick(*arguments) == of_keras.hashing_trick(*arguments)
    assert ours.one_hot(text, 7) == of_keras.one_hot(text, 7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ours.one_hot(text, 7, analyzer=list) == of_keras.one_hot(text, 7, analyzer=list)


@pytest.mark.parametrize("kind", [list, tuple, set])
def test_filters_in_a_list(kind: Any) -> None:
    filters = kind([".", "!", "é"])
    assert ours.text_to_word_sequence("A.b!cé d", filters, False) == ["A", "b", "c", "d"]
    tokenizer = ours.Tokenizer(filters=filters, lower=False)
    tokenizer.fit_on_texts(["A.b!A"])
    assert tokenizer.word_index == {"A": 1, "b": 2} and tokenizer.filters is filters
    with pytest.raises(ValueError, match="filters holds 'ab', expected single characters"):
        ours.text_to_word_sequence("x", kind(["ab"]))
