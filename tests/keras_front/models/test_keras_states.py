"""Recurrent layers with states between models and between calls."""

import numpy as np

import hoiquy.keras as keras
from hoiquy.keras.layers import GRU, LSTM, Bidirectional, Dense, Input

RNG = np.random.default_rng(4)


def test_a_decoder_shares_its_layers_with_the_model_that_is_trained() -> None:
    source, target = Input((None, 5)), Input((None, 6))
    _, *states = LSTM(8, return_state=True)(source)
    lstm, dense = LSTM(8, return_sequences=True, return_state=True), Dense(6, "softmax")
    y, _, _ = lstm(target, initial_state=states)
    model = keras.Model([source, target], dense(y))
    model.compile("rmsprop", "categorical_crossentropy")
    x, words = RNG.standard_normal((10, 7, 5)), np.eye(6)[RNG.integers(0, 6, (10, 4))]
    model.fit([x, words], np.roll(words, -1, axis=1), verbose=0)

    given = [Input((8,)), Input((8,))]
    y, *last = lstm(target, initial_state=given)
    decoder = keras.Model([target, *given], [dense(y), *last])
    encoded = keras.Model(source, states).predict(x, verbose=0)
    step, hidden, carry = decoder.predict([words[:, :1], *encoded], verbose=0)
    expected = model.predict([x, words], verbose=0)
    np.testing.assert_allclose(step[:, 0], expected[:, 0], atol=1e-6)
    step, _, _ = decoder.predict([words[:, 1:2], hidden, carry], verbose=0)
    np.testing.assert_allclose(step[:, 0], expected[:, 1], atol=1e-6)


def test_a_stateful_model_goes_on_until_it_is_reset() -> None:
    model = keras.Sequential([Input(batch_shape=(4, 6, 2)), LSTM(3, stateful=True), Dense(1)])
    x = RNG.standard_normal((4, 6, 2))
    first = model.predict(x, batch_size=4, verbose=0)
    assert not np.allclose(first, model.predict(x, batch_size=4, verbose=0))
    model.reset_states()
    np.testing.assert_array_equal(first, model.predict(x, batch_size=4, verbose=0))


def test_several_outputs_of_both_directions() -> None:
    x = Input((4, 2))
    shapes = [t.shape for t in Bidirectional(LSTM(3, return_state=True, return_sequences=True))(x)]
    assert shapes == [(None, 4, 6), *[(None, 3)] * 4]
    assert [t.shape for t in Bidirectional(GRU(3), merge_mode=None)(x)] == [(None, 3)] * 2
