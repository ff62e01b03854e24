"""Draws of few labels: shares of classes, files, and what is scored."""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hoiquy.errors import DataError
from judge.sets import read_set
from label_draws.draw import Draw
from label_draws.pool import Pool, load_pool
from label_draws.stratified import stratified_rows
from labelled_sets import TELLING, write_set


def labels_of(*sizes: int) -> NDArray[np.int64]:
    """So many documents of each class, mixed."""
    labels = np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)
    return np.random.default_rng(0).permutation(labels)


@pytest.mark.parametrize(
    ("sizes", "count", "drawn"),
    [
        ((500, 500), 100, [50, 50]),
        ((830, 100, 70), 100, [83, 10, 7]),
        ((995, 3, 2), 10, [8, 1, 1]),  # at least one of each
        ((333, 333, 334), 10, [3, 3, 4]),
        ((7, 5), 12, [7, 5]),  # all there are
        ((90, 5, 5), 3, [1, 1, 1]),
    ],
)
def test_a_draw_has_the_shares_of_the_classes(
    sizes: tuple[int, ...], count: int, drawn: list[int]
) -> None:
    labels = labels_of(*sizes)
    rows = stratified_rows(labels, count, seed=1)
    assert len(set(rows.tolist())) == count
    assert np.bincount(labels[rows]).tolist() == drawn


def test_a_draw_follows_from_its_seed_and_holds_the_smaller_ones() -> None:
    labels = labels_of(300, 200, 100)
    rows = stratified_rows(labels, 60, seed=1)
    assert rows.tolist() == stratified_rows(labels, 60, seed=1).tolist()
    assert set(rows.tolist()) != set(stratified_rows(labels, 60, seed=2).tolist())
    assert set(rows.tolist()) < set(stratified_rows(labels, 300, seed=1).tolist())
    assert np.unique(labels[rows[:20]]).tolist() == [0, 1, 2]  # not class after class


@pytest.mark.parametrize("count", [1, 31])
def test_too_few_or_too_many_labels_are_refused(count: int) -> None:
    with pytest.raises(DataError, match=f"cannot draw {count} labels of 30 texts in 2 classes"):
        stratified_rows(labels_of(20, 10), count, seed=1)


def write_reviews(folder: Path) -> Path:
    """Reviews in the official layout, two of each class for every fiftieth number."""
    for part, labels in (("train", ("neg", "pos", "unsup")), ("test", ("neg", "pos"))):
        for label in labels:
            (folder / part / label).mkdir(parents=True)
            for number in range(0, 1000, 50):
                file = folder / part / label / f"{number}_{7 if label == 'pos' else 2}.txt"
                file.write_text(f"{label} {part} caf\xe9\n{number}", encoding="latin-1")
    return folder


def test_labels_of_reviews_are_drawn_and_all_others_are_without(tmp_path: Path) -> None:
    pool = load_pool(write_reviews(tmp_path / "aclImdb"), dev=False, test_documents=None)
    assert (pool.name, pool.classes) == ("imdb", ("neg", "pos"))
    assert (len(pool.texts), len(pool.test_texts)) == (40, 40)
    assert all(text.startswith(("neg test", "pos test")) for text in pool.test_texts)
    draw = Draw(pool, 10, 1)
    assert [text.split()[0] for text in draw.texts] == [pool.classes[own] for own in draw.labels]
    unlabelled = draw.unlabelled()
    assert sum(text.startswith("unsup") for text in unlabelled) == 20
    assert len(unlabelled) == 50
    assert not set(unlabelled) & {*draw.texts, *pool.test_texts}


def test_dev_holds_out_reviews_of_other_films_and_reads_no_test(tmp_path: Path) -> None:
    folder = write_reviews(tmp_path / "aclImdb")
    for file in (folder / "test" / "neg").iterdir():
        file.unlink()
    pool = load_pool(folder, dev=True, test_documents=None)
    numbers = [int(text.split()[-1]) % 500 for text in pool.test_texts]
    assert set(numbers) == {400, 450}
    assert max(int(text.split()[-1]) % 500 for text in pool.texts) == 350
    assert (len(pool.texts), len(pool.test_texts), len(pool.unlabelled)) == (32, 8, 20)
    assert np.bincount(pool.test_labels).tolist() == [4, 4]


@pytest.fixture
def small_set(tmp_path: Path) -> Path:
    return write_set(tmp_path / "tiny", train=60, test=30)


def test_dev_of_a_set_is_a_fifth_of_its_training_texts(small_set: Path) -> None:
    whole = load_pool(small_set, dev=False, test_documents=None)
    dev = load_pool(small_set, dev=True, test_documents=None)
    assert len(whole.test_texts) == 30
    assert len(dev.test_texts) == 12
    assert sorted(dev.texts + dev.test_texts) == sorted(whole.texts)
    for texts, labels in ((dev.texts, dev.labels), (dev.test_texts, dev.test_labels)):
        for text, label in zip(texts, labels, strict=True):
            assert whole.labels[whole.texts.index(text)] == label
    assert dev.digest() != whole.digest()


def test_a_part_of_the_test_is_the_same_each_time(small_set: Path) -> None:
    first, again = (load_pool(small_set, dev=False, test_documents=9) for _ in range(2))
    assert first.test_texts == again.test_texts
    assert first.digest() == again.digest()
    assert np.bincount(first.test_labels).tolist() == [3, 3, 3]
    for count in (2, 31):
        with pytest.raises(DataError, match=f"tiny has 30 texts to score on, not {count}"):
            load_pool(small_set, dev=False, test_documents=count)


def test_files_of_a_draw_are_read_as_it_is(small_set: Path, tmp_path: Path) -> None:
    pool = load_pool(small_set, dev=False, test_documents=None)
    texts = ['a "b",\nc', *pool.texts[1:]]
    pool = Pool(pool.name, pool.classes, texts, pool.labels, ["one\ntwo  three"],
                pool.test_texts, pool.test_labels)  # fmt: skip
    draw = Draw(pool, 60, 3)
    draw.write(tmp_path)
    found = read_set(tmp_path)
    assert found.classes == tuple(sorted(TELLING))
    assert (found.texts, found.labels.tolist()) == (draw.texts, draw.labels.tolist())
    assert found.test_labels.tolist() == pool.test_labels.tolist()
    assert (tmp_path / "unlabelled.txt").read_text(encoding="utf-8") == "one two three\n"
    with (tmp_path / "train.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["text", "label"]
