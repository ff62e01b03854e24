"""SimpleRNN, LSTM and GRU, with the names that CuDNN had."""

from collections.abc import Sequence
from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError
from hoiquy.keras.kinds import (
    ACTIVATION,
    ANY,
    BOOLEAN,
    CONSTRAINT,
    INITIALIZER,
    POSITIVE,
    RATE,
    REGULARIZER,
)
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.tensors import KerasTensor
from hoiquy.nn import layers as nn

_IGNORED = {
    "implementation": "one implementation computes all cells",
    "unroll": "loops over time are compiled",
    "use_cudnn": "everything runs on the CPU",
    "consume_less": "one implementation computes all cells",
    "time_major": "arrays are batch-first",
}

_UNITS = Argument("units", kind=POSITIVE, old=("output_dim",))
_ACTIVATION = Argument("activation", "tanh", ACTIVATION)
_RECURRENT_ACTIVATION = Argument(
    "recurrent_activation", "sigmoid", ACTIVATION, old=("inner_activation",)
)
_INITIALIZERS = (
    Argument("use_bias", True, BOOLEAN),
    Argument("kernel_initializer", "glorot_uniform", INITIALIZER, old=("init",)),
    Argument("recurrent_initializer", "orthogonal", INITIALIZER, old=("inner_init",)),
    Argument("bias_initializer", "zeros", INITIALIZER),
)
_PENALTIES = (
    Argument("kernel_regularizer", None, REGULARIZER, old=("W_regularizer",)),
    Argument("recurrent_regularizer", None, REGULARIZER, old=("U_regularizer",)),
    Argument("bias_regularizer", None, REGULARIZER, old=("b_regularizer",)),
)
_CONSTRAINTS = (
    Argument("kernel_constraint", None, CONSTRAINT),
    Argument("recurrent_constraint", None, CONSTRAINT),
    Argument("bias_constraint", None, CONSTRAINT),
)
_DROPOUT = (
    Argument("dropout", 0.0, RATE, old=("dropout_W",)),
    Argument("recurrent_dropout", 0.0, RATE, old=("dropout_U",)),
    Argument("seed", None, ANY, field=""),
)
_SEQUENCES = (
    Argument("return_sequences", False, BOOLEAN),
    Argument("return_state", False, BOOLEAN),
    Argument("go_backwards", False, BOOLEAN),
    Argument("stateful", False, BOOLEAN),
    Argument("zero_output_for_mask", False, BOOLEAN),
)


class Recurrent(Layer):
    """What SimpleRNN, LSTM and GRU have in common."""

    ignored = _IGNORED
    input_rank = 3
    states_count = 1

    def check_settings(self) -> None:
        if self._settings["stateful"] and self._declared_shape is not None:
            self._require_batch_size(self._declared_shape)

    def _require_batch_size(self, shape: Sequence[int | None]) -> None:
        if shape[0] is None:
            raise KerasError(
                f"{self.name}: stateful=True needs a known batch size: batch_shape=(…) or "
                "batch_input_shape=(…)"
            )

    def packed_outputs(self, outputs: list[Any]) -> Any:
        return list(outputs) if self._settings["return_state"] else outputs[0]

    def split_states(self, inputs: list[Any]) -> tuple[list[Any], list[Any]]:
        """A list of inputs of a call as the input and its initial states."""
        return inputs[:1], inputs[1:]

    def reset_states(self, states: Any = None) -> None:
        """Set the states of a stateful layer to zero."""
        self.nn_layer.reset_states()  # type: ignore[attr-defined]

    reset_state = reset_states


class SimpleRNN(Recurrent):
    """h = activation(x W + h U + b)."""

    arguments = (
        _UNITS, _ACTIVATION, *_INITIALIZERS, *_PENALTIES, *_CONSTRAINTS, _DROPOUT[0], _DROPOUT[1],
        *_SEQUENCES, _DROPOUT[2],
    )  # fmt: skip
    nn_class = nn.SimpleRNN


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997)."""

    arguments = (
        _UNITS, _ACTIVATION, _RECURRENT_ACTIVATION, *_INITIALIZERS,
        Argument("unit_forget_bias", True, BOOLEAN), *_PENALTIES, *_CONSTRAINTS, *_DROPOUT,
        *_SEQUENCES,
    )  # fmt: skip
    nn_class = nn.LSTM
    states_count = 2


class GRU(Recurrent):
    """Gated recurrent unit (Cho et al. 2014)."""

    arguments = (
        _UNITS, _ACTIVATION, _RECURRENT_ACTIVATION, *_INITIALIZERS, *_PENALTIES, *_CONSTRAINTS,
        *_DROPOUT, *_SEQUENCES, Argument("reset_after", True, BOOLEAN),
    )  # fmt: skip
    nn_class = nn.GRU


CuDNNLSTM = LSTM
CuDNNGRU = GRU


