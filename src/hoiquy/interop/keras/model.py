"""Build a Keras 3 model from a recipe."""

from typing import TYPE_CHECKING, Any

from hoiquy.interop.keras.backend import load_keras
from hoiquy.interop.keras.limits import check_keras_has_layers
from hoiquy.interop.keras.pooling import add_pooling
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.layer_tables import LayerTable, RecurrentLayer
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.model_building import layer_names

if TYPE_CHECKING:
    import keras

_PREDICTS = (
    "activation", "recurrent_activation", "use_bias", "go_backwards", "reset_after",
)  # fmt: skip


def build_keras_model(
    recipe: Recipe, *, vocabulary_size: int, classes: int, logits: bool = False
) -> "keras.Model":
    """Build a recipe's model in Keras, initialised by Keras.

    The model maps int32 indices (batch, max_length), padded with 0, to probabilities
    (batch, classes). It has the layer names of `layer_names` and all embedding rows, including
    unreachable ones. A saved model opens without hoiquy.

    vocabulary_size: number of words. logits: whether to omit the last activation.
    Raises MissingExtraError without Keras, RecipeError if the embedding has too few rows, and
    InputError for n-grams and for a wide branch.
    """
    check_keras_has_layers(recipe)
    keras = load_keras()
    documents = keras.Input((recipe.data.max_length,), dtype="int32", name="documents")
    mask: Any = None
    backward = 0  # features of x that run backward
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
            x = add_pooling(keras, name, table, x, mask, backward)
        elif table.type == "dense":
            units = classes if table.units == "classes" else table.units
            linear = logits and table is recipe.model.layers[-1]
            activation = "linear" if linear else table.activation
            x = keras.layers.Dense(
                units, activation=activation, name=name, **_in_prediction(table)
            )(x)
        elif isinstance(table, RecurrentLayer):
            x = _recurrent(keras, name, table)(x)
            backward = table.units if table.bidirectional else 0
    return keras.Model(documents, x, name=recipe.name.replace("/", "_"))  # Keras refuses a slash


def _recurrent(keras: Any, name: str, table: RecurrentLayer) -> Any:
    options: dict[str, Any] = {
        "return_sequences": table.return_sequences,
        "dropout": table.dropout,
        "kernel_regularizer": _l2(keras, table.kernel_l2),
        "recurrent_regularizer": _l2(keras, table.recurrent_l2),
        "name": table.type if table.bidirectional else name,
        **_in_prediction(table),
    }
    layer: Any
    if table.type == "simple_rnn":
        layer = keras.layers.SimpleRNN(table.units, activation=table.activation, **options)
    elif table.type == "lstm":
        layer = keras.layers.LSTM(table.units, **options)
    else:
        layer = keras.layers.GRU(table.units, **options)
    if not table.bidirectional:
        return layer
    return keras.layers.Bidirectional(layer, table.merge_mode or "concat", name=name)


def _in_prediction(table: LayerTable) -> dict[str, Any]:
    """The settings beside those of a table that change what the layer predicts."""
    return {key: value for key, value in table.settings.items() if key in _PREDICTS}


def _l2(keras: Any, factor: float) -> Any:
    return keras.regularizers.L2(factor) if factor > 0 else None
