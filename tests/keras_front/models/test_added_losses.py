"""`Model.add_loss` of tensors of a model."""

from typing import Any

import numpy as np
import pytest

from hoiquy.keras import backend as K  # noqa: N812
from hoiquy.keras import losses
from hoiquy.keras.errors import KerasTypeError
from hoiquy.keras.layers import LSTM, Dense, Embedding, Input
from hoiquy.keras.models import Model

RNG = np.random.default_rng(4)
X = RNG.random((20, 3)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


def models(**compiled_with: Any) -> tuple[Any, Any]:
    """One with the mean square error as an added loss, one with it as its loss; same weights."""
    x, y = Input((3,)), Input((1,))
    output = Dense(1)(x)
    added = Model([x, y], output)
    added.add_loss(K.mean(K.square(output - y)))
    plain = Model(x, Dense(1)(x))
    plain.set_weights(added.get_weights())
    added.compile("sgd", **compiled_with)
    plain.compile("sgd", "mse")
    return added, plain


def test_it_trains_as_the_same_loss_does() -> None:
    added, plain = models()
    one = added.fit([X, Y], epochs=3, batch_size=5, shuffle=False, verbose=0).history
    other = plain.fit(X, Y, epochs=3, batch_size=5, shuffle=False, verbose=0).history
    assert list(one) == ["loss"]
    assert np.allclose(one["loss"], other["loss"], atol=1e-5)
    for a, b in zip(added.get_weights(), plain.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-5)
    assert added.evaluate([X, Y], verbose=0) == pytest.approx(plain.evaluate(X, Y, verbose=0))


def test_it_comes_on_top_of_the_loss_of_compile() -> None:
    added, plain = models(loss="mae")
    both = added.test_on_batch([X, Y], Y)
    predicted = plain.predict(X, verbose=0)
    wanted = np.abs(predicted - Y).mean() + ((predicted - Y) ** 2).mean()
    assert both == pytest.approx(wanted, rel=1e-5)


def test_it_takes_batches_without_targets_and_a_sequence_of_tensors() -> None:
    words, starts = Input((None,)), Input((None,))
    scores = Dense(1)(LSTM(4, return_sequences=True)(Embedding(20, 4)(words)))[..., 0]
    model = Model([words, starts], scores)
    shifted = scores - (1 - K.cumsum(starts, 1)) * 1e10
    for one in (scores, shifted):
        model.add_loss(K.categorical_crossentropy(starts, one, from_logits=True))
    model.compile("adam")

    def batches() -> Any:
        while True:
            yield [RNG.integers(0, 20, (6, 5)), np.eye(5)[RNG.integers(0, 5, 6)]], None

    before = model.get_weights()
    history = model.fit_generator(batches(), steps_per_epoch=3, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert any(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_it_takes_tensors_only() -> None:
    added, _ = models()
    with pytest.raises(KerasTypeError, match="add_loss"):
        added.add_loss(0.5)


def test_losses_of_keras_are_taken_of_tensors() -> None:
    x, y = Input((3,)), Input((1,))
    output = Dense(1)(x)
    added = Model([x, y], output)
    values = losses.mean_squared_error(y, output)
    assert values.shape == (None,)
    added.add_loss(values + 0 * losses.MeanAbsoluteError()(y, output))
    plain = Model(x, Dense(1)(x))
    plain.set_weights(added.get_weights())
    added.compile("sgd")
    plain.compile("sgd", "mse")
    one = added.fit([X, Y], epochs=2, shuffle=False, verbose=0).history["loss"]
    other = plain.fit(X, Y, epochs=2, shuffle=False, verbose=0).history["loss"]
    assert np.allclose(one, other, atol=1e-5)


def test_targets_without_a_loss_have_no_effect() -> None:
    added, plain = models()
    history = added.fit([X, Y], Y, epochs=2, shuffle=False, verbose=0).history["loss"]
    other = plain.fit(X, Y, epochs=2, shuffle=False, verbose=0).history["loss"]
    assert np.allclose(history, other, atol=1e-5)
