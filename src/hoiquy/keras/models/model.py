"""Models: layers between inputs and outputs, with weights, configuration and training."""

from collections.abc import Sequence
from typing import Any

from hoiquy.keras import usage
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.custom_objects import custom_object_scope
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.weights import Variable, distinct
from hoiquy.keras.models.inputs_and_outputs import InputsAndOutputs
from hoiquy.keras.models.model_files import ModelFiles
from hoiquy.keras.models.network import Network
from hoiquy.keras.models.subclassed import Subclassed
from hoiquy.keras.models.training import Training
from hoiquy.keras.structures import flatten, pack
from hoiquy.keras.tensors import KerasTensor, Shape
from hoiquy.nn.graph import Graph, GraphLayer
from hoiquy.nn.layers import Layer as NNLayer

# What Keras calls in `fit`, and a class of the script may define.
_STEPS = {
    "compute_loss", "compute_metrics", "predict_step", "test_step",
    "train_step",
}  # fmt: skip


class Model(Subclassed, Training, ModelFiles, InputsAndOutputs, Layer):
    """A model from symbolic inputs to outputs: `Model(inputs, outputs)`.

    It is itself a layer: called on symbolic tensors, it becomes part of another model and shares
    its weights with it. A derived class may have a `call`: see `models/subclassed.py`.
    """

    accepts_other_sizes = False  # than the inputs declare
    _graph: Graph | None = None
    added_losses: Sequence[KerasTensor] = ()  # by `add_loss`

    def __new__(cls, *args: Any, **kwargs: Any) -> "Model":
        if cls is Model:
            return object.__new__(Functional)
        unsupported = _STEPS & _names_of_script(cls)
        if unsupported:
            usage.record_raised(f"Model.{min(unsupported)}")
            raise NotSupportedError(
                f"{cls.__name__}: {min(unsupported)}() of a model is not supported; use compile "
                "and fit with a loss, or a loop over batches with tf.GradientTape"
            )
        return object.__new__(cls)

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        """Connect the layers between inputs and outputs.

        Args:
            inputs: Tensors of `Input`: one, a list, or a dictionary by name. `predict` and `fit`
                take arrays in the same structure.
            outputs: Tensors that layers gave for the inputs; `predict` returns this structure.
            name: By default a number follows the class: functional, functional_1, …
            **kwargs: `trainable`, and the names of Keras 1, `input` and `output`.

        Raises:
            KerasTypeError: An argument is missing, unknown, or not a symbolic tensor.
            KerasError: The outputs depend on tensors that the inputs do not reach.
        """
        usage.record_used("Model")
        inputs = kwargs.pop("input", inputs)
        outputs = kwargs.pop("output", outputs)
        trainable = kwargs.pop("trainable", None)
        for key in kwargs:
            raise unknown_argument("Model", key, ["inputs", "outputs", "name", "trainable"])
        self._set_up(name, trainable=True)
        self._set_up_training()
        if inputs is None and outputs is None and self.has_call:
            self._trainable = trainable is not False
            return
        if inputs is None or outputs is None:
            raise KerasTypeError("Model needs inputs and outputs: Model(inputs=…, outputs=…)")
        self._input_structure, self._output_structure = inputs, outputs
        self._set_network(Network(_tensors(inputs, "inputs"), _tensors(outputs, "outputs")))
        if trainable is not None:
            self.trainable = trainable

    def _set_network(self, network: Network | None) -> None:
        """Change what the model consists of."""
        self._network, self._graph = network, None
        self._nn = None
        if network is not None:
            self._graph = network.graph()
            self._nn = GraphLayer.of(self.name, self._graph)

    def add_loss(self, losses: Any, **kwargs: Any) -> None:
        """Add the means of tensors of the model to its loss.

        Args:
            losses: A tensor that layers and `keras.ops` gave for the inputs, or a list of them.
            **kwargs: Have no effect.

        Raises:
            KerasTypeError: It is something else.
            KerasError: The model is not built, or its inputs do not reach a tensor.
        """
        network = self.network
        self.added_losses = [*self.added_losses, *_tensors(losses, "add_loss")]
        add = late("layers.add_loss").AddLoss()
        first = add([network.outputs[0], *self.added_losses])
        graph = Network(network.inputs, [first, *network.outputs[1:]]).graph()
        self._graph, self._nn = graph, GraphLayer.of(self.name, graph)

    @property
    def graph(self) -> Graph:
        """The graph of `hoiquy.nn`; it shares the layers' arrays."""
        assert self.network is not None and self._graph is not None
        return self._graph

    # As a layer

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        return self.nn_layer

    def build(self, input_shape: Any = None) -> None:
        """Connect the layers as `call` does; a functional model is connected from the start."""
        if self.has_call and not self.built:
            self.connect_call(input_shape)

    def flat_inputs(self, inputs: Any) -> tuple[list[Any], bool]:
        if isinstance(inputs, dict):
            names = self.input_names
            missing = [name for name in names if name not in inputs]
            if missing:
                raise KerasError(
                    f"{self.name}: no input is named {missing[0]!r}; got {', '.join(inputs)}"
                )
            return [inputs[name] for name in names], False
        given, in_list = super().flat_inputs(inputs)
        if len(given) != len(self.inputs):
            raise KerasError(f"{self.name} takes {len(self.inputs)} inputs, got {len(given)}")
        return given, in_list

    def packed_outputs(self, outputs: list[Any]) -> Any:
        packed = pack(self._output_structure, outputs)
        if isinstance(packed, list) and len(packed) == 1:
            return packed[0]
        return packed

    # Layers and weights

    @property
    def layers(self) -> list[Layer]:
        """The layers, inputs included, in the order of the weights; no functions of `keras.ops`.

        Those of a model with a `call` are its attributes, in their order.
        """
        if self.has_call:
            return self.layers_of_attributes()
        return [layer for layer in self.network.layers if not layer.is_operation]

    @property
    def operations(self) -> list[Layer]:
        """The layers, and the functions of `keras.ops` between them."""
        if self.has_call:
            return self.layers_of_attributes()
        return list(self.network.layers)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer of the model.

        Args:
            name: Its name.
            index: Its place in `layers`, which counts where both are given.

        Raises:
            KerasError: There is none; the message lists the names.
        """
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise KerasError(f"{self.name} has {len(layers)} layers, no layer {index}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in layers)
        raise KerasError(f"{self.name} has no layer {name!r}; its layers are {names}")

    @property
    def trainable(self) -> bool:
        """Whether the model is trained; setting it sets that of all layers."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in self.layers:
            layer.trainable = self._trainable

    @property
    def weights(self) -> list[Variable]:
        """The arrays of all layers, in their order."""
        variables = distinct([variable for layer in self.layers for variable in layer.weights])
        if not self._trainable:
            for variable in variables:
                variable.trainable = False
        return variables

    def reset_states(self) -> None:
        """Set the states of stateful layers to zero."""
        for layer in self.layers:
            if hasattr(layer, "reset_states"):
                layer.reset_states()

    def summary(self, line_length: int | None = None, positions: Any = None,
                print_fn: Any = None, **kwargs: Any) -> None:  # fmt: skip
        """Print the layers, their output shapes and numbers of parameters.

        Args:
            line_length: The width in characters; by default that of the terminal, at most 88 or
                108.
            positions: The ends of the columns as shares of the width.
            print_fn: Called once with the whole text, instead of printing it.
            **kwargs: `expand_nested`, `show_trainable` and `layer_range`, as in Keras.

        Raises:
            KerasError: No layer has a name of `layer_range`, or the width is too small.
            KerasTypeError: An argument is unknown.
        """
        late("models.summary").print_summary(self, line_length, positions, print_fn, **kwargs)

    # Configuration

    def get_config(self) -> dict[str, Any]:
        """Layers and connections, as Keras 3 saves them, without weights.

        Raises:
            KerasError: The model is not built.
            NotSupportedError: It begins inside another model.
        """
        if self.has_call:
            raise NotSupportedError(
                f"{self.name} has a call() of its own, whose code is not written to files; write "
                "its weights with save_weights, and build the model anew to load them"
            )
        config: dict[str, Any] = late("models.configuration").functional_config(self)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from what `get_config` returned, of Keras 2 or 3, with new weights.

        Args:
            config: The configuration.
            custom_objects: Classes and functions of the script by name.

        Raises:
            KerasError: It is malformed.
            NotSupportedError: It holds a layer that is not supported.
        """
        with custom_object_scope(custom_objects):
            return late("models.configuration").model_from_config(cls, config)


class Functional(Model):
    """The class of `Model(inputs, outputs)`, by Keras 3's name."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Functional":
        return object.__new__(cls)


def _names_of_script(cls: type) -> set[str]:
    """What the classes of the script define."""
    bases = [base for base in cls.__mro__ if not base.__module__.startswith("hoiquy.")]
    return {name for base in bases for name in vars(base)} - set(vars(object))


def _tensors(structure: Any, argument: str) -> list[KerasTensor]:
    tensors = flatten(structure)
    for tensor in tensors:
        if not isinstance(tensor, KerasTensor):
            raise KerasTypeError(
                f"Model: {argument} holds {type(tensor).__name__}, expected the symbolic tensors "
                "of Input and of layers"
            )
    if not tensors:
        raise KerasError(f"Model: {argument} is empty")
    return tensors
