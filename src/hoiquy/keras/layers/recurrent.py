"""SimpleRNN, LSTM and GRU, with the names that CuDNN had."""

from collections.abc import Sequence
from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError
from hoiquy.keras.kinds import (
    ANY,
    BOOLEAN,
    CELL_ACTIVATION,
    CONSTRAINT,
    INITIALIZER,
    POSITIVE,
    RATE,
    REGULARIZER,
    Kind,
    choice,
)
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.names import snake_case
from hoiquy.nn import layers as nn

_IGNORED = {
    "unroll": "loops over time are compiled",
    "use_cudnn": "everything runs on the CPU",
    "consume_less": "one implementation computes all cells",
    "time_major": "arrays are batch-first",
}

_UNITS = Argument("units", kind=POSITIVE, old=("output_dim",))
_ACTIVATION = Argument("activation", "tanh", CELL_ACTIVATION)
_RECURRENT_ACTIVATION = Argument(
    "recurrent_activation", "sigmoid", CELL_ACTIVATION, old=("inner_activation",)
)
_INITIALIZERS = (
    Argument("use_bias", True, BOOLEAN),
    Argument("kernel_initializer", "glorot_uniform", INITIALIZER, old=("init",)),
    Argument("recurrent_initializer", "orthogonal", INITIALIZER, old=("inner_init",)),
    Argument("bias_initializer", "zeros", INITIALIZER),
)


def _forget_bias(value: Any, where: str) -> Any:
    """Whether the bias of the forget gate begins with 1; Keras 1 has initializers instead."""
    of_keras_1 = {"one": True, "ones": True, "zero": False, "zeros": False}
    return BOOLEAN.read(of_keras_1.get(value, value) if isinstance(value, str) else value, where)


_FORGET_BIAS = Kind(_forget_bias)
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
    Argument("implementation", 2, choice(0, 1, 2), saved=False),
)


class Recurrent(Layer):
    """What SimpleRNN, LSTM and GRU have in common."""

    ignored = _IGNORED
    input_rank = 3
    states_count = 1

    def check_settings(self) -> None:
        if self._settings["stateful"] and self._declared_shape is not None:
            self._require_batch_size(self._declared_shape)

    def nn_settings(self) -> dict[str, Any]:
        return {**super().nn_settings(), "masked_with_states": False}

    def _require_batch_size(self, shape: Sequence[int | None]) -> None:
        if shape[0] is None:
            raise KerasError(
                f"{self.name}: stateful=True needs a known batch size: batch_shape=(…) or "
                "batch_input_shape=(…)"
            )

    def build_config(self) -> dict[str, Any] | None:
        return sequence_build_config(self)

    def packed_outputs(self, outputs: list[Any]) -> Any:
        return list(outputs) if self._settings["return_state"] else outputs[0]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the inputs for sequences; states have none."""
        mask = previous_mask if self._settings["return_sequences"] else None
        return [mask] + [None] * self.states_count if self._settings["return_state"] else mask

    def weight_path(self, key: str) -> str:
        return f"{self.name}/{snake_case(type(self).__name__)}_cell/{key}"

    def reset_states(self, states: Any = None) -> None:
        """Set the states of a stateful layer to zero."""
        self.built_in.nn_layer.reset_states()  # type: ignore[attr-defined]

    reset_state = reset_states


class SimpleRNN(Recurrent):
    """h = activation(x W + h U + b)."""

    arguments = (
        _UNITS, _ACTIVATION, *_INITIALIZERS, *_PENALTIES, *_CONSTRAINTS, _DROPOUT[0], _DROPOUT[1],
        *_SEQUENCES, Argument("seed", None, ANY, field="", saved=False),
    )  # fmt: skip
    nn_class = nn.SimpleRNN


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997)."""

    arguments = (
        _UNITS, _ACTIVATION, _RECURRENT_ACTIVATION, *_INITIALIZERS,
        Argument("unit_forget_bias", True, _FORGET_BIAS, old=("forget_bias_init",)),
        *_PENALTIES, *_CONSTRAINTS, *_DROPOUT, *_SEQUENCES,
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


def sequence_build_config(layer: Layer) -> dict[str, Any] | None:
    """The input shapes of a recurrent layer, with initial states, as Keras 3 saves them."""
    if len(layer.build_shapes) < 2:
        return Layer.build_config(layer)
    sequences, *states = (list(shape) for shape in layer.build_shapes)
    initial = states[0] if len(states) == 1 else states
    return {"shapes_dict": {"sequences_shape": sequences, "initial_state_shape": initial}}
