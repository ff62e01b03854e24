"""fastText models: listed words, n-grams, labels, quantised ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hoiquy.errors import DataError
from hoiquy.text.vectors import read_vectors
from vector_files import FastTextModel

WORDS = ["</s>", "tốt", "film", "日本", "học_sinh", "hòa"]
OTHERS = ["films", "Tố", "", "chưa_thấy", "😀"]
MODEL = FastTextModel(WORDS)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "model.bin"


@pytest.mark.parametrize("model", [MODEL, replace(MODEL, minn=1, maxn=2, labels=["__label__a"])])
def test_vectors_are_the_mean_of_a_word_and_its_ngrams(model: FastTextModel, place: Path) -> None:
    place.write_bytes(model.content())
    found = read_vectors(place, WORDS[1:] + OTHERS)
    assert found.listed.tolist() == [True] * 5 + [False] * 5
    assert found.composed.tolist() == [False] * 5 + [True] * 5
    for word, row in zip(WORDS[1:] + OTHERS, found.rows, strict=True):
        assert np.array_equal(row, model.vector(word)), word


def test_the_end_of_a_line_has_no_ngrams(place: Path) -> None:
    place.write_bytes(MODEL.content())
    assert np.array_equal(read_vectors(place, ["</s>"]).rows[0], MODEL.rows[0])


def test_another_spelling_that_is_listed_comes_before_ngrams(place: Path) -> None:
    place.write_bytes(MODEL.content())
    found = read_vectors(place, ["TỐT", "hoà"])
    assert found.listed.all()
    assert np.array_equal(found.rows, [MODEL.vector("tốt"), MODEL.vector("hòa")])


@pytest.mark.parametrize(
    "model",
    [
        replace(MODEL, minn=0, maxn=0, buckets=0),
        replace(MODEL, version=11, supervised=True),  # of old models, maxn does not count
        replace(MODEL, pruned=0),
    ],
)
def test_models_without_ngrams_have_only_their_words(model: FastTextModel, place: Path) -> None:
    place.write_bytes(model.content())
    found = read_vectors(place, ["film", "films"])
    assert found.listed.tolist() == [True, False]
    assert not found.composed.any()
    assert np.array_equal(found.rows, [model.rows[2], np.zeros(5)])


def test_a_label_is_no_word(place: Path) -> None:
    place.write_bytes(replace(MODEL, labels=["__label__a"], maxn=0).content())
    assert not read_vectors(place, ["__label__a"]).found.any()


@pytest.mark.parametrize("model", [replace(MODEL, quantised=True), replace(MODEL, pruned=3)])
def test_quantised_models_are_refused(model: FastTextModel, place: Path) -> None:
    place.write_bytes(model.content())
    with pytest.raises(DataError, match=r"a quantized fastText model \(.ftz\): pass the .bin"):
        read_vectors(place, ["film"])


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (replace(MODEL, version=10), "of version 10, expected 11 or 12"),
        (replace(MODEL, buckets=0), "bucket = 0"),
        (replace(MODEL, maxn=2**30), "maxn = 1073741824"),
        (replace(MODEL, minn=-1), "minn = -1"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    model: FastTextModel, problem: str, place: Path
) -> None:
    place.write_bytes(model.content())
    with pytest.raises(DataError, match=problem):
        read_vectors(place, ["film"])


@pytest.mark.parametrize("number", [np.nan, np.inf, 3e38])
def test_damaged_numbers_are_refused_where_they_are_needed(number: float, place: Path) -> None:
    rows = MODEL.rows.copy()
    rows[2, 3] = number  # with 3e38, the sum of some rows would be infinite
    place.write_bytes(replace(MODEL, maxn=0).content(rows))
    assert read_vectors(place, ["tốt"]).listed.all()
    with pytest.raises(DataError, match=r"row 2 of the matrix holds [^ ]*, not a finite number"):
        read_vectors(place, ["tốt", "film"])


def test_a_matrix_of_another_shape_is_refused(place: Path) -> None:
    place.write_bytes(MODEL.content(MODEL.rows[:-1]))
    with pytest.raises(DataError, match="the matrix of the fastText model has 16 rows"):
        read_vectors(place, ["film"])
    place.write_bytes(MODEL.content(MODEL.rows[:, :-1]))
    with pytest.raises(DataError, match="a matrix of the fastText model is 17 × 4"):
        read_vectors(place, ["film"])


def test_cut_anywhere_a_model_is_refused(place: Path) -> None:
    content = MODEL.content()
    for end in range(len(content)):
        place.write_bytes(content[:end])
        with pytest.raises(DataError, match=str(place)):
            read_vectors(place, ["film", "films"])
