"""Which documents meet in a batch, and that making the next one ready leaves nothing behind."""

import threading
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.encoding.batches import (
    WINDOW_BATCHES,
    assembled,
    bucketed_batches,
    random_batches,
    scoring_batches,
)
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.loop import epoch_batches, fit
from hoiquy.training.model_building import build_model
from hoiquy.training.scoring import score
from miniatures import LAB, miniature, prepared

MASKED = "model.layers.0.mask_zero=true"


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.enumerate()
    yield
    assert threading.enumerate() == before


def shuffler(epoch: int = 1, seed: int = 1) -> np.random.Generator:
    return keyed_generator(seed, Purpose.SHUFFLE, epoch)


def skewed_lengths(documents: int) -> np.ndarray:
    """Many short ones and a long tail, as reviews have."""
    lengths = np.random.default_rng(1).lognormal(4, 0.8, documents)
    return np.clip(lengths.astype(np.int64), 1, 400)


def padding_share(lengths: np.ndarray, batches: list[np.ndarray]) -> float:
    computed = sum(len(rows) * lengths[rows].max() for rows in batches)
    return float(1 - lengths.sum() / computed)


@given(st.integers(1, 2000), st.integers(1, 40), st.integers(0, 5))
def test_an_epoch_holds_every_document_once(documents: int, size: int, epoch: int) -> None:
    lengths = skewed_lengths(documents)
    for batches in (
        random_batches(documents, size, shuffler(epoch)),
        bucketed_batches(lengths, size, shuffler(epoch)),
        scoring_batches(lengths, size),
    ):
        assert sorted(np.concatenate(batches)) == list(range(documents))
        assert sorted(map(len, batches))[1:] == [size] * (len(batches) - 1)


def test_seed_and_epoch_decide_the_batches() -> None:
    lengths = np.arange(1000) % 97

    def bits(epoch: int, seed: int) -> str:
        rows = bucketed_batches(lengths, 16, shuffler(epoch, seed))
        return sha256(np.concatenate(rows).astype("<i8").tobytes()).hexdigest()

    assert bits(1, 1) == bits(1, 1)
    assert len({bits(1, 1), bits(2, 1), bits(1, 2)}) == 3
    # What a seed gives is part of every result: it changes only on purpose.
    assert bits(1, 1).startswith("57e49af7aaf87870")


def test_documents_of_about_one_length_meet() -> None:
    lengths = skewed_lengths(5000)
    bucketed = bucketed_batches(lengths, 32, shuffler())
    at_random = random_batches(len(lengths), 32, shuffler())
    assert padding_share(lengths, at_random) > 0.6
    assert padding_share(lengths, bucketed) < 0.15
    for rows in bucketed:
        assert (np.diff(lengths[rows]) >= 0).all()  # so that its shards are even


def test_batches_stay_random() -> None:
    """Short ones do not come first, and the same documents do not meet again."""
    lengths = skewed_lengths(5000)
    one, other = (bucketed_batches(lengths, 32, shuffler(epoch)) for epoch in (1, 2))
    means = np.array([lengths[rows].mean() for rows in one])
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.25
    companions = {frozenset((a, b)) for rows in one for a, b in pairwise(rows)}
    again = {frozenset((a, b)) for rows in other for a, b in pairwise(rows)}
    assert len(companions & again) < 0.05 * len(companions)


def test_a_window_takes_documents_that_chance_brought_together() -> None:
    lengths, size = skewed_lengths(3000), 4
    order = shuffler().permutation(3000)
    windows = [set(order[i : i + 4 * WINDOW_BATCHES]) for i in range(0, 3000, 4 * WINDOW_BATCHES)]
    for rows in bucketed_batches(lengths, size, shuffler()):
        assert any(set(rows) <= window for window in windows)


def parts(recipe: Recipe, epoch: int = 1) -> tuple[Split, list[np.ndarray]]:
    data = prepared(recipe)
    model = build_model(recipe, vocabulary_size=70, classes=2, seed=1)
    return data.train, epoch_batches(recipe, model, data.train, epoch)


@pytest.mark.parametrize("name", LAB)
def test_the_lab_keeps_its_order(name: str) -> None:
    train, batches = parts(miniature(name), epoch=2)
    order = shuffler(epoch=2).permutation(len(train))
    np.testing.assert_array_equal(np.concatenate(batches), order)
    assert [len(rows) for rows in batches] == [80, 19]


def test_masked_recipes_meet_by_length() -> None:
    train, batches = parts(miniature("bai3", MASKED))
    assert train.lengths.max() == 7 and train.lengths.min() < 3
    for rows in batches:
        assert (np.diff(train.lengths[rows]) >= 0).all()
        np.testing.assert_array_equal((train.indices(rows) != 0).sum(axis=1), train.lengths[rows])


def test_masked_scores_come_in_the_documents_order() -> None:
    recipe = miniature("bai5", MASKED)
    data = prepared(recipe)
    model = build_model(recipe, vocabulary_size=70, classes=2, seed=1)
    with shard_pool(2) as pool:
        scores = score(model, data.train, pool, batch_size=40)
    rows = np.arange(len(data.train))
    expected = model.probabilities(data.train.indices(rows))
    np.testing.assert_allclose(scores.probabilities, expected, rtol=1e-5)
    right = expected.argmax(axis=1) == data.train.labels
    assert scores.accuracy == right.mean()


def test_masked_training_gives_the_same_bits_on_any_number_of_threads() -> None:
    recipe = miniature("bai4", MASKED)
    data = prepared(recipe)
    one, many = (fit(recipe, data, threads=threads).parameters for threads in (1, 3))
    assert {k: v.tobytes() for k, v in one.items()} == {k: v.tobytes() for k, v in many.items()}


def test_batches_come_in_order_with_all_that_a_step_needs() -> None:
    train, batches = parts(miniature("bai3"))
    with assembled(train, batches) as made:
        for number, batch in enumerate(made, start=1):
            rows = batches[number - 1]
            assert batch.step == number
            np.testing.assert_array_equal(batch.rows, rows)
            np.testing.assert_array_equal(batch.indices, train.indices(rows))
            np.testing.assert_array_equal(batch.targets, train.targets(rows))
    assert number == len(batches) == 2
    with assembled(train, []) as made:
        assert list(made) == []


class Watched:
    """A split that tells when a batch is made, and fails at one of them."""

    def __init__(self, fails_at: int = -1) -> None:
        self.made: list[int] = []
        self.second_is_made = threading.Event()
        self.fails_at = fails_at

    def indices(self, rows: np.ndarray) -> np.ndarray:
        if rows[0] == self.fails_at:
            raise ArithmeticError(f"row {rows[0]}")
        self.made.append(int(rows[0]))
        if len(self.made) == 2:
            self.second_is_made.set()
        return rows[:, None]

    def targets(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, None]


ROWS = [np.array([number]) for number in range(5)]


def test_the_next_batch_is_made_meanwhile_and_no_further() -> None:
    split: Any = Watched()
    with assembled(split, ROWS) as made:
        next(made)
        assert split.second_is_made.wait(30)  # nobody has asked for it yet
    assert split.made == [0, 1]


def test_an_error_comes_out_where_its_batch_is_asked_for() -> None:
    split: Any = Watched(fails_at=2)
    seen = []

    def step_by_step() -> None:
        with assembled(split, ROWS) as made:
            for batch in made:
                seen.append(batch.step)

    with pytest.raises(ArithmeticError, match="row 2"):
        step_by_step()
    assert seen == [1, 2]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_a_consumer_that_stops_leaves_no_thread(stop: type[BaseException]) -> None:
    split: Any = Watched()

    def stopped() -> None:
        with assembled(split, ROWS) as made:
            next(made)
            raise stop

    with pytest.raises(stop) as caught:
        stopped()
    # The traceback still holds the frame; the thread is gone all the same.
    assert caught.traceback
    assert not [one for one in threading.enumerate() if one.name.startswith("batch")]


def test_training_makes_its_batches_in_that_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    indices = Split.indices

    def recording(self: Split, rows: np.ndarray) -> np.ndarray:
        names.add(threading.current_thread().name.partition("_")[0])
        return indices(self, rows)

    recipe = miniature("bai3", "training.epochs=1")
    data = prepared(recipe)
    monkeypatch.setattr(Split, "indices", recording)
    fit(recipe, data)
    assert "batch" in names and "shard" not in names
