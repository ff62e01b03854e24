"""Bidirectional and TimeDistributed: layers around a layer."""

from collections.abc import Sequence
from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasTypeError, NotSupportedError, as_value_errors
from hoiquy.keras.kinds import Kind, choice
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.recurrent import Recurrent, sequence_build_config
from hoiquy.keras.tensors import Shape
from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Layer as NNLayer


def _layer(value: Any, where: str) -> Any:
    if not isinstance(value, Layer):
        raise KerasTypeError(f"{where} is {type(value).__name__}, expected a layer")
    return value


def _optional_layer(value: Any, where: str) -> Any:
    return None if value is None else _layer(value, where)


def _serialized(layer: Layer | None) -> Any:
    from hoiquy.keras.models.configuration import serialized_layer

    return None if layer is None else serialized_layer(layer)


class Wrapper(Layer):
    """The base class of both."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from hoiquy.keras.models.configuration import layer_from_config

        config = dict(config)
        for key in ("layer", "backward_layer"):
            if isinstance(config.get(key), dict):
                config[key] = layer_from_config(config[key])
        return cls(**config)


class Bidirectional(Wrapper):
    """A recurrent layer forward, a second one backward (Schuster and Paliwal 1997)."""

    arguments = (
        Argument("layer", kind=Kind(_layer, to_config=_serialized), field=""),
        Argument("merge_mode", "concat", choice("concat", "sum", "mul", "ave", None), field=""),
        Argument("weights", None, field="", saved=False),
        Argument(
            "backward_layer", None, Kind(_optional_layer, to_config=_serialized), field="",
        ),
    )
    nn_class = nn.Bidirectional
    input_rank = 3

    def check_settings(self) -> None:
        for layer in (self.layer, self.backward_layer):
            if layer is not None and not isinstance(layer, Recurrent):
                raise NotSupportedError(
                    f"Bidirectional of {type(layer).__name__} is not supported, only of LSTM, GRU "
                    "and SimpleRNN"
                )
        self._initial_weights = self._settings["weights"]
        if self._declared_shape is None:
            self._declared_shape = self.layer._declared_shape

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        forward = self.layer.create(shapes)
        backward = None if self.backward_layer is None else self.backward_layer.create(shapes)
        with as_value_errors():
            both = nn.Bidirectional.around(self.name, forward, backward, self.merge_mode)
        for prefix, part in zip(("forward/", "backward/"), both.directions, strict=True):
            both.constraints |= {prefix + key: each for key, each in part.constraints.items()}
        return both

    def build_config(self) -> dict[str, Any] | None:
        return sequence_build_config(self)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        inner = config["layer"]["config"]
        inner["name"] = f"forward_{inner['name'].removeprefix('forward_')}"
        return config

    def weight_path(self, key: str) -> str:
        direction, _, name = key.partition("/")
        if direction == "backward" and self.backward_layer is not None:
            return f"{self.name}/{self.backward_layer.weight_path(name)}"
        inner = self.layer.weight_path(name).removeprefix(f"{direction}_")
        return f"{self.name}/{direction}_{inner}"

    def packed_outputs(self, outputs: list[Any]) -> Any:
        return list(outputs) if len(outputs) > 1 else outputs[0]

    def reset_states(self) -> None:
        """Set the states of both directions to zero."""
        self.nn_layer.reset_states()  # type: ignore[attr-defined]
