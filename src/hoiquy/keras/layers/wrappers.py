"""Bidirectional and TimeDistributed: layers around a layer."""

from collections.abc import Sequence
from typing import Any, cast

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError, as_value_errors
from hoiquy.keras.kinds import Kind, choice, optional
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.recurrent import Recurrent, sequence_build_config
from hoiquy.keras.shapes import as_shapes
from hoiquy.keras.tensors import Shape
from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Layer as NNLayer


def _layer(value: Any, where: str) -> Any:
    if not isinstance(value, Layer):
        raise KerasTypeError(f"{where} is {type(value).__name__}, expected a layer")
    return value


def _serialized(layer: Layer) -> Any:
    return late("models.configuration").serialized_layer(layer)


_LAYER = Kind(_layer, to_config=_serialized)


class Wrapper(Layer):
    """The base class of both."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        config = dict(config)
        for key in ("layer", "backward_layer"):
            if isinstance(config.get(key), dict):
                config[key] = late("models.configuration").layer_from_config(config[key])
        return cls(**config)


class Bidirectional(Wrapper):
    """A recurrent layer forward, a second one backward (Schuster and Paliwal 1997)."""

    arguments = (
        Argument("layer", kind=_LAYER, field=""),
        Argument("merge_mode", "concat", choice("concat", "sum", "mul", "ave", None), field=""),
        Argument("weights", None, field="", saved=False),
        Argument("backward_layer", None, optional(_LAYER), field=""),
    )
    nn_class = nn.Bidirectional
    input_rank = 3

    def check_settings(self) -> None:
        for layer in (self.layer, self._settings["backward_layer"]):
            stacked = getattr(layer, "is_stacked", False)
            code = getattr(layer, "runs_script_code", False)
            if layer is not None and (stacked or code or not isinstance(layer, Recurrent)):
                raise NotSupportedError(
                    f"Bidirectional of {type(layer).__name__} is not supported, only of LSTM, GRU "
                    "and SimpleRNN"
                )
        self._initial_weights = self._settings["weights"]
        if self._declared_shape is None:
            self._declared_shape = self.layer.declared_shape

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        forward = self.layer.create(shapes)
        given = self._settings["backward_layer"]
        backward = None if given is None else given.create(shapes)
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

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """As the layer that it wraps; the states of both directions have none."""
        found = self.layer.compute_mask(inputs, previous_mask)
        return [*found, *found[1:]] if isinstance(found, list) else found

    def weight_path(self, key: str) -> str:
        direction, _, name = key.partition("/")
        given = self._settings["backward_layer"]
        if direction == "backward" and given is not None:
            return f"{self.name}/{given.weight_path(name)}"
        inner = self.layer.weight_path(name).removeprefix(f"{direction}_")
        return f"{self.name}/{direction}_{inner}"

    def packed_outputs(self, outputs: list[Any]) -> Any:
        return list(outputs) if len(outputs) > 1 else outputs[0]

    @property
    def forward_layer(self) -> Recurrent:
        """The layer that runs forward; it has this layer's arrays."""
        return self._direction(0, self.layer, f"forward_{self.layer.name}")

    @property
    def backward_layer(self) -> Recurrent:
        """The layer that runs backward; it has this layer's arrays."""
        given = self._settings["backward_layer"]
        if given is not None:
            return self._direction(1, given, given.name)
        return self._direction(1, self.layer, f"backward_{self.layer.name}", go_backwards=True)

    def _direction(self, place: int, like: Recurrent, name: str, **settings: Any) -> Recurrent:
        """A layer with the settings of another one and the arrays of a direction."""
        layer: Recurrent = type(like).from_config({**like.get_config(), "name": name, **settings})
        if self._nn is not None:
            layer._nn = cast(nn.Bidirectional, self._nn).directions[place]
        return layer

    def reset_states(self) -> None:
        """Set the states of both directions to zero."""
        self.nn_layer.reset_states()  # type: ignore[attr-defined]


class TimeDistributed(Wrapper):
    """A layer for every step of a sequence."""

    arguments = (Argument("layer", kind=_LAYER, field=""),)
    nn_class = nn.TimeDistributed
    input_rank = 3

    def check_settings(self) -> None:
        if self._declared_shape is None and self.layer.declared_shape is not None:
            batch, *rest = self.layer.declared_shape
            self._declared_shape = (batch, None, *rest)

    @property
    def takes_indices(self) -> bool:
        inner: Layer = self.layer
        return inner.takes_indices

    @property
    def trainable(self) -> bool:
        return self._trainable and bool(self.layer.trainable)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        self.layer.trainable = value

    def build(self, input_shape: Any = None) -> None:
        """Build the layer for one step."""
        shapes = as_shapes(input_shape, f"{self.name}: input_shape")
        if not self.built and len(shapes[0]) > 2:
            self.layer.build_for([(shapes[0][0], *shapes[0][2:])])
        super().build(shapes)

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        if not self.layer.built:
            raise KerasError(
                f"{self.name}: the input has shape {shapes[0]}, expected (batch, time, features)"
            )
        return nn.TimeDistributed(self.name, layer=self.layer.nn_layer)

    def create_weights(self, layer: NNLayer, shapes: Sequence[Shape]) -> None:
        """The inner layer has them already."""

    def weight_path(self, key: str) -> str:
        path: str = self.layer.weight_path(key)
        return f"{self.name}/{path}"
