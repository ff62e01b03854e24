"""Callbacks for Keras 1 and 2, which read the validation data and parameters of `fit`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers import GRU, LSTM, Bidirectional, Dense, Embedding, Input, concatenate

WORDS = np.random.default_rng(5).integers(1, 30, (20, 6))
LABELS = (WORDS[:, 0] > 15).astype(int)


class Seen(keras.callbacks.Callback):
    """Keeps what it finds at the end of an epoch; does not call the base class's __init__."""

    def __init__(self) -> None:
        self.before = self.validation_data

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen = self.validation_data
        self.score = self.model.predict(self.validation_data[0], verbose=0).mean()


def compiled(*layers: Any) -> Any:
    made = keras.Sequential([Input((6,)), Embedding(30, 5), *layers, Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return made


def test_inputs_targets_and_weights_in_one_list() -> None:
    own = Seen()
    assert own.before is None
    compiled(LSTM(4)).fit(
        WORDS, LABELS, verbose=0, callbacks=[own], validation_data=(WORDS[:8], LABELS[:8])
    )
    x, y, weights = own.seen
    np.testing.assert_array_equal(x, WORDS[:8])
    np.testing.assert_array_equal(y, LABELS[:8, None])
    np.testing.assert_array_equal(weights, np.ones(8))
    assert 0 < own.score < 1


def test_the_rows_of_validation_split_and_given_weights() -> None:
    own, weights = Seen(), np.linspace(0.5, 1.5, 20)
    compiled(LSTM(4)).fit(
        WORDS, LABELS, verbose=0, callbacks=own, validation_split=0.25, sample_weight=weights
    )
    np.testing.assert_array_equal(own.seen[0], WORDS[15:])
    np.testing.assert_allclose(own.seen[2], weights[15:], rtol=1e-6)


@pytest.mark.parametrize(
    "layers",
    [
        [LSTM(4, recurrent_dropout=0.1)],
        [Bidirectional(GRU(4, dropout=0.1))],
        [keras.Sequential([Input((6, 5)), keras.layers.Dropout(0.1)]), LSTM(4)],
        [LSTM(4), keras.layers.BatchNormalization()],
    ],
)
def test_the_phase_is_the_last_entry_where_training_differs(layers: list[Any]) -> None:
    own = Seen()
    data = (WORDS[:8], LABELS[:8])
    compiled(*layers).fit(WORDS, LABELS, verbose=0, callbacks=[own], validation_data=data)
    assert len(own.seen) == 4 and own.seen[-1] == 0.0
    x, y, _ = own.seen[:-3], own.seen[-3], own.seen[-2]
    assert len(x) == 1 and y.shape == (8, 1)


def test_all_inputs_and_outputs() -> None:
    a, b = Input((3,)), Input((2,))
    joined = concatenate([a, b])
    model = keras.Model([a, b], [Dense(1, name="one")(joined), Dense(2, name="two")(joined)])
    model.compile("sgd", "mse")
    xs, ys = [np.ones((5, 3)), np.zeros((5, 2))], [np.ones((5, 1)), np.zeros((5, 2))]

    class Several(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.shapes = [np.shape(one) for one in self.validation_data]

    own = Several()
    model.fit(xs, ys, verbose=0, callbacks=[own], validation_data=(xs, ys))
    assert own.shapes == [(5, 3), (5, 2), (5, 1), (5, 2), (5,), (5,)]


class Batches(keras.utils.Sequence):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        return WORDS[index * 4 : index * 4 + 4], LABELS[index * 4 : index * 4 + 4]


def test_batches_are_given_as_they_are() -> None:
    class Own(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            assert isinstance(self.validation_data, keras.utils.Sequence)
            self.rows = len(self.model.predict(self.validation_data, verbose=0))

    own = Own()
    compiled(LSTM(4)).fit(Batches(), verbose=0, callbacks=[own], validation_data=Batches())
    assert own.rows == 8


def test_what_the_script_sets_stays() -> None:
    own, mine = Seen(), (WORDS[:4], LABELS[:4])
    own.validation_data = mine
    compiled(LSTM(4)).fit(WORDS, LABELS, verbose=0, callbacks=[own], validation_split=0.2)
    assert own.seen is mine


def test_without_validation_data_the_error_says_so() -> None:
    class Optional(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            assert not self.validation_data

    model = compiled(LSTM(4))
    model.fit(WORDS, LABELS, verbose=0, callbacks=[Optional()])
    with pytest.raises(KerasError, match="give fit validation_data or validation_split"):
        model.fit(WORDS, LABELS, verbose=0, callbacks=[Seen()])


def test_parameters_of_keras_1_and_2() -> None:
    class Own(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.seen = dict(self.params)

    own, model = Own(), compiled(LSTM(4))
    model.fit(
        WORDS, LABELS, epochs=2, batch_size=6, verbose=0, callbacks=own, validation_split=0.25
    )
    names = ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert own.seen == {
        "verbose": 0, "epochs": 2, "steps": 3, "batch_size": 6, "samples": 15, "metrics": names,
        "do_validation": True, "nb_sample": 15,
    }  # fmt: skip

    def batches() -> Iterator[Any]:
        while True:
            yield WORDS, LABELS

    model.fit(batches(), steps_per_epoch=1, verbose=0, callbacks=own)
    assert own.seen["samples"] is None and not own.seen["do_validation"]
