"""The test documents that a run keeps to be tried on, and the file that has them."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from example_run import EXAMPLES, HISTORY, RESULT, error_line, write_run
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.examples import MOST, WORDS, find_examples
from hoiquy.runs.examples_of_run import examples_of
from hoiquy.runs.files import EXAMPLES as FILE
from hoiquy.runs.files import history_file, recipe_file, result_file
from hoiquy.runs.folder import load_run
from hoiquy.system.checksummed_files import write_checksummed


def rows(
    words: list[int], labels: NDArray[np.int32], probabilities: NDArray[np.float32]
) -> list[int]:
    texts = [f"text {row}" for row in range(len(words))]
    found = find_examples(texts, np.asarray(words, np.int64), labels, probabilities)
    assert [one.text for one in found] == [texts[one.row] for one in found]
    return [one.row for one in found]


def outputs(predicted: list[int], classes: int) -> NDArray[np.float32]:
    return np.eye(classes, dtype=np.float32)[predicted]


def test_each_class_has_its_correct_document_of_the_best_length() -> None:
    labels = np.array([1, 0, 0, 1, 0, 1], np.int32)
    words = [WORDS, WORDS, WORDS + 3, WORDS - 5, WORDS - 2, WORDS + 4]
    predicted = [0, 1, 0, 1, 0, 1]  # the first two are wrong
    assert rows(words, labels, outputs(predicted, 2)) == [4, 5]


def test_of_equal_lengths_the_first_is_taken_and_empty_documents_never() -> None:
    labels = np.array([0, 0, 1, 2], np.int32)
    assert rows([9, 9, 0, 5], labels, outputs([0, 0, 1, 2], 3)) == [0, 3]


def test_of_many_classes_the_most_frequent_are_shown() -> None:
    classes = MOST + 2
    labels = np.array([*range(classes), *range(2, classes)], np.int32)
    found = rows([WORDS] * len(labels), labels, outputs(labels.tolist(), classes))
    assert labels[found].tolist() == list(range(2, classes))


def test_a_document_of_several_labels_is_shown_once() -> None:
    labels = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]], np.int32)
    found = find_examples(
        ["both", "one", "two", "none"], np.full(4, WORDS), labels, labels.astype(np.float32)
    )
    assert [(one.text, one.label) for one in found] == [("both", (0, 1)), ("two", (1,))]


def test_where_nothing_is_correct_there_is_none() -> None:
    assert rows([5, 5], np.array([0, 1], np.int32), outputs([1, 0], 2)) == []


def test_a_run_gives_its_examples_back(tmp_path: Path) -> None:
    assert examples_of(load_run(write_run(tmp_path / "run"))) == EXAMPLES


def test_a_run_of_an_earlier_version_has_none(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    write_checksummed(folder, recipe_file(load_recipe("bai3")) | history_file(HISTORY))
    write_checksummed(folder, result_file(RESULT))
    assert examples_of(load_run(folder)) == ()


@pytest.mark.parametrize("change", [{"label": 2}, {"label": [0]}, {"row": 4}])
def test_examples_of_other_classes_or_documents_are_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    folder = write_run(tmp_path / "run")
    example = {"row": 0, "label": 0, "text": "phim"} | change
    write_checksummed(folder, {FILE: json.dumps([example]).encode()})
    run = load_run(folder)
    assert "examples.json is damaged: 0 is no document" in error_line(lambda: examples_of(run))
