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

    It is itself a layer: called on symbolic tensors, it becomes part of another model and shares
    its weights with it. Models with a `call` method of their own are not supported.
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
        """The symbolic inputs, flat."""
        return self.network.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, flat."""
        return self.network.outputs

    @property
    def input(self) -> Any:
        """The symbolic inputs as they were given: one, a list or a dictionary."""
        _ = self.network
        return self._input_structure

    @property
    def output(self) -> Any:
        """The symbolic outputs as they were given: one, a list or a dictionary."""
        _ = self.network
        return self._output_structure

    @property
    def input_shape(self) -> Any:
        """The shape of the input, batch axis (None) first; of several in their structure."""
        return _single(map_leaves(lambda tensor: tensor.shape, self.input))

    @property
    def output_shape(self) -> Any:
        """The shape of the output, batch axis (None) first; of several in their structure."""
        return _single(map_leaves(lambda tensor: tensor.shape, self.output))

    @property
    def input_names(self) -> list[str]:
        """The names by which a dictionary of arrays gives the inputs."""
        if isinstance(self._input_structure, dict):
            return sorted(self._input_structure)
        return [tensor.node.layer.name for tensor in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that give the outputs: of losses by output, and in logs."""
        return [tensor.node.layer.name for tensor in self.outputs]

    # Layers and weights

    @property
    def layers(self) -> list[Layer]:
        """The layers, inputs included, in the order of the weights."""
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

    # Configuration and files

    def get_config(self) -> dict[str, Any]:
        """Layers and connections, as Keras 3 saves them, without weights.

        Raises:
            KerasError: The model is not built.
            NotSupportedError: It begins inside another model.
        """
        config: dict[str, Any] = late("models.configuration").functional_config(self)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from what `get_config` returned, of Keras 2 or 3, with new weights.

        Args:
            config: The configuration.
            custom_objects: Has no effect: code of a script is not used.

        Raises:
            KerasError: It is malformed.
            NotSupportedError: It holds a layer that is not supported.
        """
        return late("models.configuration").model_from_config(cls, config)

    def to_json(self, **kwargs: Any) -> str:
        """The configuration as JSON, without weights; `model_from_json` reads it.

        Args:
            **kwargs: As `json.dumps` takes them, such as `indent`.

        Raises:
            KerasError: As `get_config`.
        """
        return json.dumps(late("models.configuration").serialized_layer(self), **kwargs)

    def save(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the model to a file, atomically: its layers, weights and training state.

        Args:
            filepath: Ending .keras, or .h5 or .hdf5 for the layout of Keras 2.
            overwrite: Whether an existing file is replaced.
            **kwargs: `include_optimizer` and `save_format`: see `saving.files.save_model`.

        Raises:
            KerasError: The model is not built, or the file exists and overwrite is false.
            WriteError: The file cannot be written.
        """
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
        """Write the weights to a file, atomically.

        Args:
            filepath: Ending .weights.h5, or .h5 or .hdf5 for the layout of Keras 2.
            overwrite: Whether an existing file is replaced.
            **kwargs: `save_format`: see `saving.files.save_weights`.

        Raises:
            KerasError: The model is not built, or the file exists and overwrite is false.
            WriteError: The file cannot be written.
        """
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
        return LoadStatus()


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
