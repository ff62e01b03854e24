"""The most confident wrong answers, the errors by length, and the file that keeps them."""

import json
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from example_run import MISCLASSIFIED, error_line, write_run
from hoiquy.runs.files import history_file, misclassified_file
from hoiquy.runs.folder import load_run
from hoiquy.runs.misclassified import (
    BINS,
    CUT,
    KEPT,
    LONGEST_TEXT,
    Misclassified,
    confidences,
    find_misclassified,
    shortened,
)
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.train import train
from hoiquy.workflows.verify import retrain, verify
from miniatures import miniature, random_dataset


def look(
    probabilities: NDArray[np.float32], labels: list[int], words: list[int] | None = None
) -> Misclassified:
    texts = [f"text {row}" for row in range(len(labels))]
    lengths = np.asarray(words or [2] * len(labels), np.int64)
    return find_misclassified(texts, lengths, np.asarray(labels, np.int32), probabilities)


def test_the_most_confident_wrong_answer_comes_first() -> None:
    outputs = np.array([[0.9, 0.3], [0.3, 0.6], [0.9, 0.1], [0.9, 0.1], [0.1, 0.9]], np.float32)
    found = look(outputs, [1, 0, 1, 1, 1])
    assert [at.row for at in found.most_confident] == [2, 3, 0, 1]  # of equals the first
    first = found.most_confident[0]
    assert (first.label, first.predicted, first.text) == (1, 0, "text 2")
    assert first.confidence == pytest.approx(0.9)
    assert found.most_confident[2].confidence == pytest.approx(0.75)


def test_only_so_many_are_kept_and_all_are_counted() -> None:
    outputs = np.tile(np.array([[0.9, 0.1]], np.float32), (3 * KEPT, 1))
    found = look(outputs, [1] * 3 * KEPT)
    assert len(found.most_confident) == KEPT
    assert sum(at.errors for at in found.by_length) == 3 * KEPT


def test_confidence_of_three_classes_and_of_no_output_at_all() -> None:
    outputs = np.array([[0.5, 0.25, 0.25], [0.9, 0.8, 0.8], [0, 0, 0]], np.float32)
    assert confidences(outputs) == pytest.approx([0.5, 0.36, 1 / 3], rel=1e-6)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200))
def test_every_document_is_in_one_bin(words: list[int]) -> None:
    outputs = np.tile(np.array([[0.9, 0.1]], np.float32), (len(words), 1))
    labels = [length % 2 for length in words]
    bins = look(outputs, labels, words).by_length
    assert bins[0].low == 0 and bins[-1].high is None and len(bins) <= BINS
    for one, after in pairwise(bins):
        assert one.high == after.low - 1
    for one in bins:
        inside = [w for w in words if one.low <= w <= (w if one.high is None else one.high)]
        assert one.documents == len(inside) > 0
        assert one.errors == sum(length % 2 for length in inside)


def test_bins_hold_equally_many_documents() -> None:
    words = np.random.default_rng(0).permutation(np.arange(10, 810)).tolist()
    outputs = np.tile(np.array([[0.9, 0.1]], np.float32), (800, 1))
    bins = look(outputs, [0] * 800, words).by_length
    assert [one.documents for one in bins] == [100] * 8
    assert [one.low for one in bins] == [0, *range(110, 810, 100)]


def test_texts_are_cut_between_words() -> None:
    assert shortened("a short text") == "a short text"
    assert shortened("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    long = shortened("word " * 1000)
    assert long.endswith("word" + CUT) and LONGEST_TEXT - 6 < len(long) <= LONGEST_TEXT
    endless = shortened("x" * 5000)
    assert endless == "x" * (LONGEST_TEXT - len(CUT)) + CUT
    assert shortened("half a \ud800 character") == "half a ? character"


# --- the file


def test_a_training_saves_what_its_predictions_say(tmp_path: Path) -> None:
    data = random_dataset()
    run = train(data, miniature("bai3"), tmp_path / "run")
    misclassified, predictions = run.misclassified(), run.predictions()
    assert misclassified is not None
    wrong = np.flatnonzero(~predictions.right()).tolist()
    assert sorted(at.row for at in misclassified.most_confident) == wrong != []
    for at in misclassified.most_confident:
        assert at.text == data.test.texts[at.row]
        assert at.label == data.test.labels[at.row]
    longest = max(len(text.split()) for text in data.test.texts)
    assert longest > run.recipe.data.max_length  # lengths are those before truncation
    assert misclassified.by_length[-1].low > run.recipe.data.max_length
    assert verify(run.folder)[1] == []


def test_mistakes_come_back_as_they_were(tmp_path: Path) -> None:
    assert load_run(write_run(tmp_path / "run")).misclassified() == MISCLASSIFIED


def test_training_again_finds_a_file_that_was_changed(tmp_path: Path) -> None:
    data = random_dataset()
    folder = train(data, miniature("bai3"), tmp_path / "run").folder
    assert retrain(folder, data) == []  # type: ignore[arg-type]
    other = load_run(folder).history
    write_checksummed(folder, history_file([replace(other[0], loss=1.0), *other[1:]]))
    assert retrain(folder, data) == ["history.jsonl"]  # type: ignore[arg-type]


def test_one_that_was_removed_is_missed(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    (folder / "misclassified.json").unlink()
    assert "holds no misclassified.json" in error_line(load_run(folder).misclassified)


@pytest.mark.parametrize(
    "change", [{"row": 4}, {"label": 2}, {"predicted": 2}, {"predicted": 1}, {"confidence": 1.1}]
)
def test_a_mistake_of_another_run_is_refused(change: dict[str, float], tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    misclassified_example = asdict(MISCLASSIFIED.most_confident[0]) | change
    content = asdict(MISCLASSIFIED) | {"most_confident": [misclassified_example]}
    write_checksummed(folder, {"misclassified.json": json.dumps(content).encode()})
    assert "misclassified.json is damaged: most_confident.0" in error_line(
        load_run(folder).misclassified
    )


def test_mistakes_that_do_not_add_up_are_found_by_verify(tmp_path: Path) -> None:
    run = train(random_dataset(), miniature("bai1"), tmp_path / "run")
    misclassified = run.misclassified()
    assert misclassified is not None
    one = replace(misclassified.by_length[0], errors=misclassified.by_length[0].errors + 1)
    wrong = replace(misclassified, by_length=(one, *misclassified.by_length[1:]))
    write_checksummed(run.folder, misclassified_file(wrong))
    (problem,) = verify(run.folder)[1]
    assert "misclassified.json counts" in problem
