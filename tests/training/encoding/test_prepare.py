"""From a data set to encoded splits."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from hoiquy.errors import DataError
from hoiquy.events import Event, Preparing
from hoiquy.text import OUT_OF_VOCABULARY, Vocabulary
from hoiquy.training.encoding.prepare import encode_split, prepare
from miniatures import NUM_WORDS, dataset, miniature, random_dataset

RECIPE = miniature("bai3")


def counted(documents: int) -> list[str]:
    """Texts that name their own place."""
    return [f"ba {'do ' * (number % 3)}n{number}" for number in range(documents)]


def test_the_validation_set_is_the_tail_of_the_training_documents() -> None:
    recipe = RECIPE.with_settings(["text.num_words=100"])
    labels = [number % 2 for number in range(40)]
    ready = prepare(recipe, dataset(counted(40), labels))
    assert (len(ready.train), len(ready.validation), len(ready.test)) == (36, 4, 20)
    assert_array_equal(ready.train.labels, labels[:36])
    assert_array_equal(ready.validation.labels, labels[36:])
    for split, first in ((ready.train, 0), (ready.validation, 36), (ready.test, 0)):
        for row, indices in enumerate(split.indices(np.arange(len(split)))):
            number = first + row
            assert ready.vocabulary.decode(indices).split()[-1] == f"n{number}"


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.25, 0.33, 0.5])
def test_the_cut_is_where_keras_cuts(fraction: float) -> None:
    recipe = RECIPE.with_settings([f"data.validation_fraction={fraction}"])
    for documents in (*range(10, 41), 110):
        ready = prepare(recipe, dataset(counted(documents), [0] * documents))
        # keras.src.trainers.data_adapters.array_slicing.train_validation_split
        split_at = math.floor(documents * (1.0 - fraction))
        assert (len(ready.train), len(ready.validation)) == (split_at, documents - split_at)


@pytest.mark.parametrize(("documents", "fraction"), [(1, 0.1), (1, 0.9), (3, 0.9)])
def test_too_few_documents(documents: int, fraction: float) -> None:
    recipe = RECIPE.with_settings([f"data.validation_fraction={fraction}"])
    with pytest.raises(DataError, match=r"invented.*too few.*validation_fraction"):
        prepare(recipe, dataset(counted(documents), [0] * documents))


def test_the_vocabulary_is_of_the_training_documents_validation_among_them() -> None:
    data = dataset(["ba ba ba", "do do", "gi"] * 3 + ["ku"], [0, 1] * 5)
    data = replace(data, test=dataset(["ba zz do"], [1]).train)
    ready = prepare(RECIPE, data)
    assert ready.vocabulary.words == ("ba", "do", "gi", "ku")
    assert ready.test.indices(np.arange(1)).tolist() == [[0, 0, 0, 1, 4, OUT_OF_VOCABULARY, 5]]
    assert ready.test.labels.tolist() == [1]


def test_there_may_be_no_test_documents() -> None:
    assert len(prepare(RECIPE, dataset(["ba", "do"] * 10, [0, 1] * 10, test=0)).test) == 0


def test_only_num_words_are_read() -> None:
    ready = prepare(RECIPE, random_dataset())
    assert len(ready.vocabulary.words) > NUM_WORDS
    for split in (ready.train, ready.validation, ready.test):
        assert split.documents.indices.max() < NUM_WORDS


@pytest.mark.parametrize(
    ("padding", "truncating", "rows"),
    [
        ("left", "left", [[0, 1, 4], [4, 5, 6]]),
        ("right", "left", [[1, 4, 0], [4, 5, 6]]),
        ("left", "right", [[0, 1, 4], [1, 4, 5]]),
    ],
)
def test_documents_are_padded_as_the_recipe_says(
    padding: str, truncating: str, rows: list[list[int]]
) -> None:
    recipe = RECIPE.with_settings(
        ["data.max_length=3", f"data.padding={padding}", f"data.truncating={truncating}"]
    )
    data = dataset(["ba", "ba do gi"], [0, 1])
    split = encode_split(recipe, data, data.train, Vocabulary(("ba", "do", "gi"), NUM_WORDS))
    indices = split.indices(np.array([0, 1]))
    assert indices.dtype == np.int32 and indices.tolist() == rows
    assert split.indices(np.array([1, 0, 1])).tolist() == [rows[1], rows[0], rows[1]]


def test_targets_are_one_hot() -> None:
    ready = prepare(RECIPE, random_dataset())
    rows = np.array([5, 0, 5, 17])
    targets = ready.train.targets(rows)
    assert (targets.shape, targets.dtype) == ((4, 2), np.float32)
    assert_array_equal(targets.argmax(axis=1), ready.train.labels[rows])
    assert_array_equal(targets.sum(axis=1), 1)
    assert ready.classes == 2


def test_what_takes_a_while_is_told() -> None:
    told: list[Event] = []
    prepare(RECIPE, random_dataset(), told.append)
    assert [event.what for event in told if isinstance(event, Preparing)] == [
        "vocabulary",
        "encoding",
    ]
