"""From a recipe to a real Keras 3 model; the only builder of one."""

from typing import TYPE_CHECKING, Any

import numpy as np

from hoiquy.interop.keras.backend import load_keras
from hoiquy.interop.keras.limits import check_keras_has_layers
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.model import PoolingLayer, RecurrentLayer
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.model_building import layer_names

if TYPE_CHECKING:
    import keras


def build_keras_model(
    recipe: Recipe, *, vocabulary_size: int, classes: int, logits: bool = False
) -> "keras.Model":
    """Build a recipe's model in Keras, with the weights of Keras' own initialisers.

    The model takes indices (batch, max_length) int32, padded with 0, and returns (batch, classes):
    the probabilities, or with `logits` what goes into the last activation. Its layers bear the
    names of `hoiquy.nn.model.layer_names`. vocabulary_size: the number of words. An embedding has
    its full height, as Keras has no notion of rows that are never read.
    Only layers and operations of Keras itself are used, so a saved model opens without hoiquy.
    Raises MissingExtraError without Keras, RecipeError if the embedding has too few rows, and
    InputError for n-grams and for a wide part.
    """
    check_keras_has_layers(recipe)
    keras = load_keras()
    documents = keras.Input((recipe.data.max_length,), dtype="int32", name="documents")
    mask: Any = None
    x: Any = documents
    if recipe.model.input == "values":
        x = keras.ops.expand_dims(keras.ops.cast(documents, keras.config.floatx()), -1)
    for name, table in zip(layer_names(recipe), recipe.model.layers, strict=True):
        if table.type == "embedding":
            if table.mask_zero:
                mask = keras.ops.not_equal(documents, 0)
            rows, _ = embedding_rows(recipe, table, vocabulary_size)
            limit = table.initial_limit
            x = keras.layers.Embedding(
                rows, table.units, keras.initializers.RandomUniform(-limit, limit),
                mask_zero=table.mask_zero, name=name,
            )(x)  # fmt: skip
        elif table.type == "dropout":
            x = keras.layers.Dropout(table.rate, name=name)(x)
        elif table.type == "pooling":
            x = _pool(keras, name, table, x, mask)
        elif table.type == "dense":
            units = classes if table.units == "classes" else table.units
            linear = logits and table is recipe.model.layers[-1]
            activation = "linear" if linear else table.activation
            x = keras.layers.Dense(units, activation=activation, name=name)(x)
        else:
            x = _recurrent(keras, name, table)(x)
    return keras.Model(documents, x, name=recipe.name.replace("/", "_"))  # Keras refuses a slash


def _recurrent(keras: Any, name: str, table: RecurrentLayer) -> Any:
    options: dict[str, Any] = {
        "return_sequences": table.return_sequences,
        "dropout": table.dropout,
        "kernel_regularizer": _l2(keras, table.kernel_l2),
        "recurrent_regularizer": _l2(keras, table.recurrent_l2),
        "name": table.type if table.bidirectional else name,
    }
    layer: Any
    if table.type == "simple_rnn":
        layer = keras.layers.SimpleRNN(table.units, activation=table.activation, **options)
    elif table.type == "lstm":
        layer = keras.layers.LSTM(table.units, **options)
    else:
        layer = keras.layers.GRU(table.units, reset_after=True, **options)
    return keras.layers.Bidirectional(layer, name=name) if table.bidirectional else layer


def _l2(keras: Any, factor: float) -> Any:
    return keras.regularizers.L2(factor) if factor > 0 else None


def _pool(keras: Any, name: str, table: PoolingLayer, x: Any, mask: Any) -> Any:
    """Pool x (batch, time, features) over the steps that count.

    Keras' mean minds the mask, its maximum knows none: there, the steps that do not count are put
    below every number first. A document without any step that counts gives zeros in hoiquy
    and something else here (NaN, or that lowest number): only a numbering without a start index
    has one.
    """
    if table.over_time == "mean":
        return keras.layers.GlobalAveragePooling1D(name=name)(x)
    if mask is not None:
        lowest = float(np.finfo(keras.config.floatx()).min)
        x = keras.ops.where(keras.ops.expand_dims(mask, -1), x, lowest)
    return keras.layers.GlobalMaxPooling1D(name=name)(x)
