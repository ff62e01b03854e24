"""Sequential: layers one after another."""

from collections.abc import Iterable
from typing import Any

from hoiquy.keras import usage
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.input_layer import InputLayer
from hoiquy.keras.models.model import Model
from hoiquy.keras.models.network import Network
from hoiquy.keras.names import automatic_name
from hoiquy.keras.shapes import as_shapes
from hoiquy.keras.tensors import KerasTensor, Shape


class Sequential(Model):
    """Layers one after another; it is built as soon as its input shape is known."""

    accepts_other_sizes = True

    def __init__(
        self, layers: Iterable[Any] | None = None, trainable: bool = True,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Start with some layers, or none.

        Args:
            layers: An `Input` or layers, the first of which may declare the input shape.
            trainable: False freezes the layers.
            name: By default a number follows the class: sequential, sequential_1, …
            **kwargs: None; unknown arguments are errors.

        Raises:
            KerasTypeError: An argument is unknown, or something is not a layer.
            KerasError: Layers do not fit together, or two have the same name.
        """
        usage.record_used("Sequential")
        for key in kwargs:
            raise unknown_argument("Sequential", key, ["layers", "trainable", "name"])
        self._set_up(name, trainable=True)
        self._set_up_training()
        self._input_layer: InputLayer | None = None
        self._added: list[Layer] = []
        self._declared = False
        if isinstance(layers, Layer):
            raise KerasTypeError("Sequential takes a list of layers: Sequential([layer])")
        for layer in layers or []:
            self._append(layer)
        self._rebuild()
        if not trainable:
            self.trainable = False

    def add(self, layer: Any) -> None:
        """Add a layer at the end.

        Raises:
            KerasTypeError: It is not a layer.
            KerasError: It does not fit the layer before it, or its name is taken.
        """
        self._append(layer)
        self._rebuild()

    def pop(self) -> Layer:
        """Remove the last layer and return it. Raises KerasError if there is none."""
        if not self._added:
            raise KerasError(f"{self.name} has no layers to remove")
        layer = self._added.pop()
        self._rebuild()
        return layer

    def _append(self, layer: Any) -> None:
        if isinstance(layer, KerasTensor) and isinstance(layer.node.layer, InputLayer):
            layer = layer.node.layer
        if not isinstance(layer, Layer):
            kind = type(layer).__name__
            raise KerasTypeError(f"Sequential.add got {kind}, expected a layer, such as Dense(1)")
        if isinstance(layer, InputLayer):
            if self._input_layer is not None and self._declared:
                raise KerasError(f"{self.name} has an input already")
            self._input_layer, self._declared = layer, True
            return
        if any(each.name == layer.name and each is not layer for each in self._added):
            raise KerasError(f"{self.name} has a layer {layer.name!r} already: change the name")
        if not self._added and self._input_layer is None:
            shape = _known_input_shape(layer)
            if shape is not None:
                dtype = _input_dtype(layer)
                self._input_layer = InputLayer(batch_shape=shape, dtype=dtype)
                self._declared = True
        self._added.append(layer)

    def _rebuild(self) -> None:
        """Connect the layers anew, if the input shape is known."""
        if not self._declared:
            self._input_layer = None
        self._connect()

    def _connect(self) -> None:
        self._set_network(None)
        first = self._first_of_several_inputs()
        if first is not None:
            inputs, tensor, layers = list(first.inputs), first.output, self._added[1:]
            self._input_structure: Any = inputs
        elif self._input_layer is not None and self._added:
            tensor, layers = self._input_layer.output, self._added
            self._input_structure, inputs = tensor, [tensor]
        else:
            return
        for layer in layers:
            if not layer.built:
                layer._scope = f"{self._scope}{self.name}/"
            tensor = layer(tensor)
            if not isinstance(tensor, KerasTensor):
                raise KerasError(
                    f"{self.name}: {layer.name} has several outputs; only Model(inputs, outputs) "
                    "can use them"
                )
        self._output_structure = tensor
        automatic_name("Functional")  # Keras builds one inside, which counts
        self._set_network(Network(inputs, [tensor]))

    def _first_of_several_inputs(self) -> Model | None:
        """The first layer if it is a model of several inputs, as `Merge` makes them."""
        first = self._added[0] if self._added and self._input_layer is None else None
        if isinstance(first, Model) and first.built and len(first.inputs) > 1:
            return first
        return None

    @property
    def joins_branches(self) -> bool:
        """Whether it begins with a model of several inputs; then it is saved as a `Model`."""
        return self._first_of_several_inputs() is not None

    def build(self, input_shape: Any = None) -> None:
        """Create the weights, unless the model is built already.

        Args:
            input_shape: Batch axis included, such as (None, 100).

        Raises:
            KerasError: It is missing or wrong, a layer does not take it, or there is none.
        """
        if self.built:
            return
        if not self._added:
            raise KerasError(f"{self.name} has no layers: add layers first")
        if input_shape is None:
            raise KerasError(f"{self.name}: build needs an input shape, such as (None, 100)")
        shapes = as_shapes(input_shape, f"{self.name}: input_shape")
        if len(shapes) != 1:
            raise KerasError(f"{self.name} takes one input, got {len(shapes)} shapes")
        self._input_layer = InputLayer(batch_shape=shapes[0], dtype=_input_dtype(self._added[0]))
        self._connect()

    def flat_inputs(self, inputs: Any) -> tuple[list[Any], bool]:
        if not self.built:
            return Layer.flat_inputs(self, inputs)
        return super().flat_inputs(inputs)

    def packed_outputs(self, outputs: list[Any]) -> Any:
        return outputs[0]

    @property
    def input_layer(self) -> InputLayer | None:
        """The input, once its shape is known."""
        return self._input_layer

    @property
    def layers(self) -> list[Layer]:
        """The layers in order, without the input; with those of the branches where it has some."""
        return super().layers if self.joins_branches else list(self._added)

    @property
    def operations(self) -> list[Layer]:
        """The layers: there are no functions of `keras.ops` between them, but in branches."""
        return super().operations if self.joins_branches else self.layers

    def get_config(self) -> dict[str, Any]:
        """The layers, as Keras 3 saves them, without weights; also of an unbuilt model."""
        if self.joins_branches:
            return super().get_config()
        config: dict[str, Any] = late("models.configuration").sequential_config(self)
        return config


def _input_dtype(layer: Layer) -> str | None:
    """The dtype of the input that a first layer takes; None for numbers."""
    if isinstance(layer, Model):
        if layer.built:
            return "string" if layer.inputs[0].dtype == "string" else None
        return _input_dtype(layer.layers[0]) if layer.layers else None
    dtype: str | None = getattr(layer, "input_dtype", None)
    return dtype


def _known_input_shape(layer: Layer) -> Shape | None:
    """The input shape that a first layer declares or, as a model, has."""
    if layer.declared_shape is not None:
        return layer.declared_shape
    if isinstance(layer, Model) and layer.built and len(layer.inputs) == 1:
        return layer.inputs[0].shape
    return None
