"""A layer of a recipe as the call of Keras that makes it."""

from collections.abc import Sequence
from typing import Any

from hoiquy.recipe.layer_tables import (
    DenseLayer,
    DropoutLayer,
    EmbeddingLayer,
    LayerRecipe,
    PoolingLayer,
    SimpleRnnLayer,
)

VOCABULARY = "len(imdb.get_word_index())"  # rows of an embedding: one for each word
WIDTH = 76  # characters of a line
_RECURRENT = {"simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
_POOLING = {"max": "GlobalMaxPooling1D", "mean": "GlobalAveragePooling1D"}
_KERAS_LIMIT = 0.05  # of the uniform start of Keras' embeddings


def layer_call(table: LayerRecipe) -> str | None:
    """The call for a layer of a chain; None for settings that are not written as Keras code."""
    if table.settings or table.inputs is not None:
        return None
    if isinstance(table, EmbeddingLayer):
        return _embedding(table)
    if isinstance(table, DropoutLayer):
        return call("layers.Dropout", [_number(table.rate)])
    if isinstance(table, PoolingLayer):
        pooling = _POOLING.get(table.over_time)  # concat pooling is not a layer of a Sequential
        return pooling and call(f"layers.{pooling}", [])
    if isinstance(table, DenseLayer):
        units = 2 if table.units == "classes" else table.units  # IMDB has two classes
        penalty = _penalty("kernel_regularizer", table.l2 or 0.0)
        return call("layers.Dense", [str(units), f'activation="{table.activation}"', *penalty])
    if table.type in _RECURRENT:
        return _recurrent(table)
    return None


def call(name: str, arguments: Sequence[str], indent: int = 8) -> str:
    """A call on one line; with its arguments on another, or one a line, where it is too long."""
    together = ", ".join(arguments)
    if indent + len(name) + len(together) + 3 <= WIDTH:
        return f"{name}({together})"
    if indent + 4 + len(together) <= WIDTH and "\n" not in together:
        return f"{name}(\n{' ' * (indent + 4)}{together}\n{' ' * indent})"
    inner = "".join(f"{' ' * (indent + 4)}{one},\n" for one in arguments)
    return f"{name}(\n{inner}{' ' * indent})"


def _embedding(table: EmbeddingLayer) -> str | None:
    if table.word_dropout:
        return None
    rows = VOCABULARY if table.rows == "vocabulary" else str(table.rows)
    arguments = [rows, str(table.units)]
    if table.mask_zero:
        arguments.append("mask_zero=True")
    if table.initial_limit != _KERAS_LIMIT:
        limit = _number(table.initial_limit)
        start = f"keras.initializers.RandomUniform(-{limit}, {limit})"
        arguments.append(f"embeddings_initializer={start}")
    return call("layers.Embedding", arguments)


def _recurrent(table: Any) -> str:
    arguments = [str(table.units)]
    if isinstance(table, SimpleRnnLayer) and table.activation != "tanh":
        arguments.append(f'activation="{table.activation}"')
    if table.return_sequences:
        arguments.append("return_sequences=True")
    if table.dropout:
        arguments.append(f"dropout={_number(table.dropout)}")
    arguments += _penalty("kernel_regularizer", table.kernel_l2)
    arguments += _penalty("recurrent_regularizer", table.recurrent_l2)
    if not table.bidirectional:
        return call(f"layers.{_RECURRENT[table.type]}", arguments)
    inner = call(f"layers.{_RECURRENT[table.type]}", arguments, indent=12)
    merge = [f'merge_mode="{table.merge_mode}"'] if table.merge_mode else []
    return call("layers.Bidirectional", [inner, *merge])


def _penalty(argument: str, l2: float) -> list[str]:
    return [f"{argument}=regularizers.L2({_number(l2)})"] if l2 else []


def _number(value: float) -> str:
    return repr(value)
