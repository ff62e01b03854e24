"""Models: layers between inputs and outputs, with weights, configuration and training."""

import json
from collections.abc import Sequence
from typing import Any

from hoiquy.keras import usage
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.weights import Variable, distinct
from hoiquy.keras.models.load_status import LoadStatus
from hoiquy.keras.models.network import Network
from hoiquy.keras.models.training import Training
from hoiquy.keras.structures import flatten, map_leaves, pack
from hoiquy.keras.tensors import KerasTensor, Shape
from hoiquy.nn.graph import Graph, GraphLayer
from hoiquy.nn.layers import Layer as NNLayer


class Model(Training, Layer):
    """A model from symbolic inputs to outputs: `Model(inputs, outputs)`.

    It is itself a layer. Models with a `call` method of their own are not supported.
    """

    accepts_other_sizes = False  # than the inputs declare
    _network: Network | None = None
    _graph: Graph | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> "Model":
        if cls is Model:
            return object.__new__(Functional)
        if "call" in {name for base in cls.__mro__ for name in _own_names(base)}:
            usage.record_raised("Model.call")
            raise NotSupportedError(
                f"{cls.__name__}: models with a call() of their own are not supported; build the "
                "model with Input and Model(inputs, outputs)"
            )
        return object.__new__(cls)

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        usage.record_used("Model")
        inputs = kwargs.pop("input", inputs)
        outputs = kwargs.pop("output", outputs)
        trainable = kwargs.pop("trainable", None)
        for key in kwargs:
            raise unknown_argument("Model", key, ["inputs", "outputs", "name", "trainable"])
        if inputs is None or outputs is None:
            raise KerasTypeError("Model needs inputs and outputs: Model(inputs=…, outputs=…)")
        self._set_up(name, trainable=True)
        self._set_up_training()
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

    @property
    def network(self) -> Network:
        """What lies between inputs and outputs. Raises KerasError if the model is not built."""
        if self._network is None:
            raise KerasError(
                f"model {self.name} is not built: add an Input or input_shape=…, or call "
                "build(input_shape) or fit"
            )
        return self._network

    @property
    def graph(self) -> Graph:
        """The graph of `hoiquy.nn`; it shares the layers' arrays."""
        assert self.network is not None and self._graph is not None
        return self._graph

    # As a layer

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        return self.nn_layer

    def build(self, input_shape: Any = None) -> None:
        """A functional model is built from the start."""

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

    # Inputs and outputs

    @property
    def inputs(self) -> list[KerasTensor]:
        return self.network.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        return self.network.outputs

    @property
    def input(self) -> Any:
        _ = self.network
        return self._input_structure

    @property
    def output(self) -> Any:
        _ = self.network
        return self._output_structure

    @property
    def input_shape(self) -> Any:
        return _single(map_leaves(lambda tensor: tensor.shape, self.input))

    @property
    def output_shape(self) -> Any:
        return _single(map_leaves(lambda tensor: tensor.shape, self.output))

    @property
    def input_names(self) -> list[str]:
        """The names by which a dictionary of arrays gives the inputs."""
        if isinstance(self._input_structure, dict):
            return sorted(self._input_structure)
        return [tensor.node.layer.name for tensor in self.inputs]

    @property
    def output_names(self) -> list[str]:
        return [tensor.node.layer.name for tensor in self.outputs]

    # Layers and weights

    @property
    def layers(self) -> list[Layer]:
        return list(self.network.layers)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer with a name, or at a place. Raises KerasError."""
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

    def set_weights(self, weights: Any) -> None:
        _ = self.graph
        super().set_weights(weights)

    def count_params(self) -> int:
        _ = self.network
        return super().count_params()

    def reset_states(self) -> None:
        """Set the states of stateful layers to zero."""
        for layer in self.layers:
            if hasattr(layer, "reset_states"):
                layer.reset_states()

    def summary(self, line_length: int | None = None, positions: Any = None,
                print_fn: Any = None, **kwargs: Any) -> None:  # fmt: skip
        """Print the layers, their output shapes and numbers of parameters."""
        late("models.summary").print_summary(self, line_length, positions, print_fn, **kwargs)

    # Configuration and files

    def get_config(self) -> dict[str, Any]:
        config: dict[str, Any] = late("models.configuration").functional_config(self)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return late("models.configuration").model_from_config(cls, config)

    def to_json(self, **kwargs: Any) -> str:
        """The configuration as JSON; `model_from_json` reads it."""
        return json.dumps(late("models.configuration").serialized_layer(self), **kwargs)

    def save(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the model into a .keras file."""
        late("saving").save_model(self, filepath, overwrite=overwrite, **kwargs)

    def to_run(
        self, folder: Any, tokenizer: Any = None, classes: Sequence[str] = (),
        max_length: int | None = None, padding: str = "pre", truncating: str = "pre",
        multilabel: bool = False,
    ) -> Any:  # fmt: skip
        """Write the model into a run folder, from which `hoiquy` predicts, and return the run.

        Args:
            folder: The folder to create.
            tokenizer: A `Tokenizer` or {word: index}; None for `keras.datasets.imdb`.
            classes: The names of the classes; of one sigmoid, of 0 and of 1.
            max_length: As `maxlen` in `pad_sequences`; by default what the input takes.
            padding: As in `pad_sequences`.
            truncating: As in `pad_sequences`.
            multilabel: Whether a text may have any number of the classes.

        Raises:
            KerasError: The model, or a setting of the tokenizer, has no place in a run.
        """
        from hoiquy.keras.to_run import to_run

        return to_run(self, folder, tokenizer=tokenizer, classes=classes, max_length=max_length,
                      padding=padding, truncating=truncating, multilabel=multilabel)  # fmt: skip

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the weights into a .weights.h5 file."""
        late("saving").save_weights(self, filepath, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath: Any, **kwargs: Any) -> LoadStatus:
        """Read the weights from a file of weights or of a whole model.

        Args:
            filepath: A .weights.h5, .h5, .hdf5 or .keras file.
            **kwargs: `by_name` and `skip_mismatch`: see `saving.files.load_weights`.

        Returns:
            An object with the methods of TensorFlow's status, such as `expect_partial()`.

        Raises:
            KerasError: The file is missing, damaged, or does not fit the model, which is unchanged.
        """
        late("saving").load_weights(self, filepath, **kwargs)


class Functional(Model):
    """The class of `Model(inputs, outputs)`, by Keras 3's name."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Functional":
        return object.__new__(cls)


def _own_names(base: type) -> set[str]:
    return set() if base.__module__.startswith("hoiquy.") else set(vars(base))


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


def _single(structure: Any) -> Any:
    """The only leaf of a list."""
    if isinstance(structure, list) and len(structure) == 1:
        return structure[0]
    return structure
        return LoadStatus()
