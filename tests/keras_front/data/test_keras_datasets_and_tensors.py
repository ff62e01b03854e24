"""Data sets and tensors: printing, seeds, errors, infinite data, random pipelines, tfds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hoiquy.keras as keras
from hoiquy.keras.import_hook import tensorflow_datasets as tfds
from hoiquy.keras.import_hook.tensorflow import concrete as tf
from hoiquy.keras.import_hook.tensorflow import strings
from hoiquy.keras.pipeline.dataset import Dataset

NUMBERS = Dataset.range(6)


def listed(dataset: Any) -> list[Any]:
    return [*dataset.as_numpy_iterator()]


def test_elements_are_printed_as_scripts_expect() -> None:
    for text, label in Dataset.from_tensor_slices((["é", "b"], [1, 0])).batch(2):
        assert str(text.numpy()[0]) == "b'\\xc3\\xa9'"
        assert text[0].numpy().decode() == "é"
        assert (str(label), str(text)) == ("[1 0]", "[b'\\xc3\\xa9' b'b']")
        assert repr(label) == (
            "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 0], dtype=int32)>"
        )
        assert f"{label[0]} {float(label[0]):.1f} {int(label[1])}" == "1 1.0 0"
        assert bool(label[0] == 1) and (label + 1).numpy().tolist() == [2, 1]
    assert "TensorSpec(shape=(None,), dtype=tf.int64" in repr(NUMBERS.batch(2))


def test_shuffled_orders_follow_the_seed() -> None:
    orders = []
    for _ in range(2):
        keras.utils.set_random_seed(4)
        data = Dataset.range(30).shuffle(30)
        orders.append([listed(data), listed(data)])
    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]


def test_a_cache_is_filled_by_a_whole_iteration_only() -> None:
    calls: list[int] = []
    data = NUMBERS.map(lambda n: calls.append(int(n)) or n).cache()
    next(iter(data))
    assert (listed(data), listed(data)) == ([*range(6)],) * 2
    assert calls == [0, *range(6)]


def test_data_without_an_end_needs_steps() -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    data = Dataset.from_tensor_slices((np.ones((4, 1)), np.ones(4))).batch(2).repeat()
    assert len(model.fit(data, steps_per_epoch=3, epochs=2, verbose=0).history["loss"]) == 2
    assert model.predict(data, steps=2, verbose=0).shape == (4, 1)
    with pytest.raises(ValueError, match=r"no end.* give steps_per_epoch"):
        model.fit(data, verbose=0)
    with pytest.raises(ValueError, match=r"no end.* give validation_steps"):
        model.fit(data.take(1), validation_data=data, verbose=0)
    with pytest.raises(ValueError, match=r"no end.* give steps,"):
        model.evaluate(data, verbose=0)
    with pytest.raises(TypeError, match="infinite"):
        len(data)


WRONG: list[tuple[str, Any]] = [
    ("batch_size=0, expected 1 or more", lambda: NUMBERS.batch(0)),
    ("buffer_size=0", lambda: NUMBERS.shuffle(0)),
    ("have 1, 2 rows", lambda: Dataset.from_tensor_slices(([1], [1, 2]))),
    ("a single value has no rows", lambda: Dataset.from_tensor_slices(3)),
    ("different lengths", lambda: Dataset.from_tensor_slices([[1], [1, 2]])),
    ("map: got int, expected a function", lambda: NUMBERS.map(3)),
    ("gave None", lambda: listed(NUMBERS.map(lambda n: None))),
    ("element 1 has shape (1,), the first (0,)",
     lambda: listed(NUMBERS.map(lambda n: np.zeros(int(n))).batch(3))),
    ("is a single value, not a batch", lambda: listed(NUMBERS.unbatch())),
    ("expected a function that returns", lambda: Dataset.from_generator([1, 2])),
    ("snapshot of a data set is not supported", lambda: NUMBERS.snapshot("x")),
    ("cast: texts do not become numbers", lambda: tf.cast(["1"], "int32")),
    ("squeeze: ", lambda: tf.squeeze([[1, 2]], axis=1)),
    ("reshape: (3,) does not fit into (2, 2)", lambda: tf.reshape([1, 2, 3], (2, 2))),
    ("do not fit together on axis 0", lambda: tf.concat([[[1]], [[1, 2]]], 0)),
    ("'x' is not a number", lambda: strings.to_number(["x"])),
    ("the regular expression '(' is not supported", lambda: strings.regex_replace("a", "(", "")),
    ("is a symbolic tensor", lambda: tf.cast(keras.Input((2,)), "int32")),
    ("only imdb_reviews is here", lambda: tfds.load("ag_news_subset")),
    ("use the layer TextVectorization", lambda: tfds.load("imdb_reviews/subwords8k")),
]  # fmt: skip


@pytest.mark.parametrize(("message", "use"), WRONG, ids=[message for message, _ in WRONG])
def test_wrong_use(message: str, use: Any) -> None:
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        use()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


STEPS = st.lists(
    st.tuples(st.sampled_from(["batch", "take", "skip", "repeat", "shuffle"]), st.integers(1, 4)),
    max_size=4,
)


@given(st.integers(0, 9), STEPS)
def test_the_length_is_the_number_of_elements(count: int, steps: list[tuple[str, int]]) -> None:
    data, expected = Dataset.range(count), count
    for name, number in steps:
        data = getattr(data, name)(number)
        if name == "batch":
            data = data.map(lambda batch: batch[0])
        expected = {
            "batch": -(-expected // number), "take": min(expected, number),
            "skip": max(expected - number, 0), "repeat": expected * number, "shuffle": expected,
        }[name]  # fmt: skip
    assert len(data) == len(listed(data)) == expected


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6), st.integers(1, 3))
def test_batches_give_back_the_texts(texts: list[str], size: int) -> None:
    data = Dataset.from_tensor_slices(texts).batch(size).unbatch()
    assert [text.decode("utf-8", "surrogatepass") for text in listed(data)] == texts


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for place in ("train/pos", "train/neg", "train/unsup", "test/pos", "test/neg"):
        (tmp_path / place).mkdir(parents=True)
        for i in range(5):
            (tmp_path / place / f"{i}_7.txt").write_text(f"{place} {i}", encoding="utf-8")
    monkeypatch.setenv("HOIQUY_IMDB", str(tmp_path))
    tfds._parts.cache_clear()
    yield
    tfds._parts.cache_clear()


@pytest.mark.usefixtures("reviews")
def test_imdb_reviews_of_tensorflow_datasets() -> None:
    (train, rest), info = tfds.load(
        "imdb_reviews", split=["train[:60%]", "train[60%:]+test"], as_supervised=True,
        with_info=True,
    )  # fmt: skip
    assert (len(train), len(rest), info.splits["train"].num_examples) == (6, 14, 10)
    assert info.features["label"].names == ["neg", "pos"]
    for text, label in [*train, *rest]:
        assert int(label) == (b"/pos" in text.numpy())
    whole = tfds.load("imdb_reviews")
    assert sorted(whole) == ["test", "train", "unsupervised"]
    assert {each["label"] for each in tfds.as_numpy(whole["unsupervised"])} == {-1}
    texts = [text for text, _ in tfds.as_numpy(train)] + [text for text, _ in tfds.as_numpy(rest)]
    assert len(set(texts)) == 20
    with pytest.raises(ValueError, match="split='valid': expected train, test, unsupervised"):
        tfds.load("imdb_reviews", split="valid")
