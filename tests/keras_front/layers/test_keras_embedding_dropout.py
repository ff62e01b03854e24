"""Embedding(dropout=…) of Keras 1: trained with, not used by predict, kept in configurations."""

import numpy as np

import hoiquy.keras as keras
from hoiquy.keras.layers import LSTM, Dense, Embedding

WORDS = np.random.default_rng(0).integers(0, 50, (70, 6))


def test_the_spelling_of_keras_1_trains_and_is_kept() -> None:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([Embedding(50, 8, dropout=0.3), LSTM(8, dropout_W=0.2), Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(WORDS, WORDS[:, 0] / 50, batch_size=64, nb_epoch=30, verbose=0).history
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    predicted = model.predict(WORDS, verbose=0)
    np.testing.assert_array_equal(predicted, model.predict(WORDS, verbose=0))
    copy = keras.models.clone_model(model)
    assert copy.layers[0].get_config()["dropout"] == 0.3
    assert copy.layers[0].nn_layer.row_dropout == 0.3


def test_without_it_configurations_are_those_of_keras_3() -> None:
    assert "dropout" not in Embedding(50, 8).get_config()
