"""The base class of all Keras layers: arguments, calls, weights, configuration."""

from collections.abc import Sequence
from typing import Any, ClassVar

from hoiquy.keras import usage
from hoiquy.keras.arguments import bind
from hoiquy.keras.errors import KerasError, as_value_errors
from hoiquy.keras.kernels import start_kernels
from hoiquy.keras.kinds import REGULARIZER
from hoiquy.keras.late import late
from hoiquy.keras.layers.calls import call_eagerly, call_symbolically, is_symbolic
from hoiquy.keras.layers.common_arguments import COMMON, IGNORED
from hoiquy.keras.layers.connected import Connected, one_or_list
from hoiquy.keras.layers.dtype import check_dtype, dtype_policy
from hoiquy.keras.layers.idle_arguments import is_idle
from hoiquy.keras.layers.input_shapes import declared_shape, without_input_size
from hoiquy.keras.layers.layer_type import LayerType
from hoiquy.keras.layers.with_arguments import WithArguments
from hoiquy.keras.names import automatic_name
from hoiquy.keras.seed import next_generator
from hoiquy.keras.shapes import as_shapes
from hoiquy.keras.tensors import KerasTensor, Shape
from hoiquy.keras.values.operators import is_within_code
from hoiquy.keras.values.scope import current_scope
from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Layer as NNLayer
from hoiquy.nn.shards import one_blas_thread


class Layer(WithArguments, Connected, metaclass=LayerType):
    """A layer of Keras: it keeps its arguments and makes one layer of `hoiquy.nn`.

    Attributes:
        ignored: Arguments without effect, with the reason.
        nn_class: The layer of `hoiquy.nn`.
        input_rank: The rank of inputs, batch axis included, that `input_dim` alone means.
        runs_script_code: Whether the class and its `call` are the script's.
        is_operation: Whether it is a function of `keras.ops`, which models do not list.
        saves_trainable: Whether `get_config` lists `trainable`.
        supports_masking: What Keras says of the layer: whether a mask passes through it.
        moves_numbers_only: Whether outputs hold the inputs' numbers, so that indices stay indices.
        call_options: Further arguments of a call, beside those of all layers.
        takes_separate_inputs: Whether a call takes its inputs one by one, not in a list.
    """

    ignored: ClassVar[dict[str, str]] = {}
    nn_class: ClassVar[type[NNLayer]]
    input_rank: ClassVar[int] = 2
    moves_numbers_only: ClassVar[bool] = False
    runs_script_code: ClassVar[bool] = False
    is_operation: ClassVar[bool] = False
    saves_trainable: ClassVar[bool] = True
    call_options: ClassVar[tuple[str, ...]] = ()
    takes_separate_inputs: ClassVar[bool] = False
    supports_masking: bool = True

    _build_shapes: list[Shape]
    _declared_shape: Shape | None
    _initial_weights: Any
    _penalty_layer: NNLayer | None
    activity_regularizer: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set the arguments, in any spelling of Keras 1, 2 and 3.

        Raises:
            KerasTypeError: One is unknown, missing, given twice, or of a wrong type.
            KerasError: One has a wrong value.
            NotSupportedError: A setting is not supported.
        """
        owner = type(self).__name__
        if type(self).__module__.startswith("hoiquy."):
            usage.record_used(f"layers.{owner}")
        args, kwargs = without_input_size(self.arguments, args, kwargs)
        own = {argument.name for argument in self.arguments}
        common = [argument for argument in COMMON if argument.name not in own]
        values = bind(owner, self.arguments, common, IGNORED | self.ignored, args, kwargs)
        self._set_up(values["name"], values["trainable"])
        self._settings.update({each.name: values[each.name] for each in self.arguments})
        check_dtype(owner, values["dtype"])
        self._declared_shape = declared_shape(owner, values, self.input_rank)
        self._initial_weights = values["weights"]
        self.activity_regularizer = values["activity_regularizer"]
        self.check_settings()

    def _set_up(self, name: str | None, trainable: bool) -> None:
        """What layers and models have in common."""
        self._settings = {}
        self._name = automatic_name(type(self).__name__) if name is None else str(name)
        self._trainable = trainable
        self._nn = None
        self._build_shapes = []
        self._declared_shape = None
        self._initial_weights = None
        self._penalty_layer = None
        self.activity_regularizer = None
        self.inbound_nodes = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    # Building

    @property
    def built(self) -> bool:
        """Whether the weights exist."""
        return self._nn is not None

    @property
    def declared_shape(self) -> Shape | None:
        """The input shape, batch axis first, that arguments such as `input_shape` declare."""
        return self._declared_shape

    @property
    def build_shapes(self) -> list[Shape]:
        """The shapes of the inputs, batch axis first, that the layer was built for."""
        return self._build_shapes

    @property
    def built_in(self) -> "Layer":
        """What computes it: the layer itself, or the built-in one that its class derives from."""
        return self

    @property
    def nn_layer(self) -> NNLayer:
        """The layer of `hoiquy.nn`. Raises KerasError if there is none yet."""
        if self._nn is None:
            raise KerasError(f"{self.name} is not built: call it, or build(input_shape), first")
        return self._nn

    def build(self, input_shape: Any = None) -> None:
        """Create the weights; of a layer that is built, nothing.

        Args:
            input_shape: Batch axis included, such as (None, 100); a list of shapes for several
                inputs.

        Raises:
            KerasError: The layer does not take inputs of this shape.
        """
        if self._nn is not None:
            return
        shapes = as_shapes(input_shape, f"{self.name}: input_shape")
        layer = self.create(shapes)
        with as_value_errors(), one_blas_thread():
            self.create_weights(layer, shapes)
            outputs = layer.output_shapes(shapes)
        if layer.final_activation == "softmax" and outputs[0][-1] == 1:
            usage.warn(f"{self.name}: a softmax of one unit is always 1; did you mean sigmoid?")
        layer.trainable = self._trainable
        start_kernels()
        plain_reason = getattr(layer, "plain_reason", lambda: None)()
        if plain_reason:
            usage.record_slow(type(self).__name__, plain_reason)
        self._nn, self._build_shapes = layer, shapes
        if self._initial_weights is not None:
            self.set_weights(list_of_arrays(self._initial_weights))
            self._initial_weights = None

    def build_for(self, shapes: Sequence[Shape], dtypes: Sequence[str] | None = None) -> None:
        """Build the layer for inputs of these shapes, whatever `build` of a script does."""
        self.build(list(shapes))

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        """The layer of `hoiquy.nn`, without weights."""
        return self.nn_class(
            self.name,
            penalties=self._by_parameter("_regularizer"),
            constraints=self._by_parameter("_constraint"),
            **self.nn_settings(),
        )

    @property
    def penalty_layer(self) -> NNLayer | None:
        """Adds the penalty of the outputs to the loss; None without an `activity_regularizer`."""
        if self._penalty_layer is None and self.activity_regularizer is not None:
            self._penalty_layer = nn.ActivityRegularization(
                f"{self.name}_penalty", regularizer=self.activity_regularizer.make()
            )
        return self._penalty_layer

    def create_weights(self, layer: NNLayer, shapes: Sequence[Shape]) -> None:
        """Create the arrays of the nn layer, by the next seed."""
        layer.build(shapes, next_generator())

    # Calls

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the layer on symbolic tensors, or compute its outputs for arrays.

        Args:
            inputs: A symbolic tensor, an array, or a list of them for a layer with several inputs.
            *args: None; more than one argument by position is an error.
            **kwargs: `training`; `initial_state` of a recurrent layer; for arrays also `mask`.

        Returns:
            Symbolic tensors, or float32 arrays that carry their mask; a list of several outputs.

        Raises:
            KerasError: The shapes or values do not fit the layer.
            KerasTypeError: An argument is unknown, or only some inputs are symbolic.
            NotSupportedError: `mask` within a model.
        """
        if is_symbolic(inputs):
            return call_symbolically(self, inputs, args, kwargs)
        takes_numbers = getattr(self, "input_dtype", None) != "string"
        if is_within_code(inputs) or (current_scope() and takes_numbers):
            return late("layers.calls_within_code").call_within_code(self, inputs, args, kwargs)
        return call_eagerly(self, inputs, args, kwargs)

    def flat_inputs(self, inputs: Any) -> tuple[list[Any], bool]:
        """The inputs of a call as a flat list, and whether they were a list."""
        if isinstance(inputs, list | tuple) and (
            not inputs or hasattr(inputs[0], "shape") or isinstance(inputs[0], KerasTensor)
        ):
            return list(inputs), True
        return [inputs], False

    def packed_outputs(self, outputs: list[Any]) -> Any:
        """What a call returns: the only output, or a list of them."""
        return one_or_list(outputs)

    def packed_states(self, states: list[Any]) -> list[Any]:
        """The initial states of a call as they are given: in a list, or in one for each cell."""
        return states

    def output_dtype(self, dtypes: Sequence[str]) -> str:
        """The dtype of the outputs."""
        return dtypes[0] if self.moves_numbers_only else "float32"

    @property
    def takes_indices(self) -> bool:
        """Whether the input is whole numbers that choose rows of a table."""
        return False

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output, or a list of them; builds the layer if it is not yet built.

        Args:
            input_shape: Batch axis included; a list of shapes for several inputs.

        Raises:
            KerasError: The layer does not take inputs of this shape.
        """
        shapes = as_shapes(input_shape, f"{self.name}: input_shape")
        self.build(shapes)
        with as_value_errors():
            outputs = self.nn_layer.output_shapes(shapes)
        return one_or_list(list(outputs))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the outputs, for tensors of a model or arrays and their mask, or None."""
        drops_mask = self.nn_class.output_mask is not NNLayer.output_mask
        return None if drops_mask else previous_mask

    # Configuration

    def get_config(self) -> dict[str, Any]:
        """The arguments, as Keras 3 saves them."""
        config: dict[str, Any] = {"name": self.name, "dtype": dtype_policy()}
        if self.saves_trainable:
            config["trainable"] = self._trainable
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = REGULARIZER.to_config(self.activity_regularizer)
        return config | {
            argument.name: argument.kind.to_config(self._settings[argument.name])
            for argument in type(self).arguments
            if argument.saved
        }

    def build_config(self) -> dict[str, Any] | None:
        """The input shapes that the layer was built for, as Keras 3 saves them."""
        if not self._build_shapes:
            return None
        shapes = [list(shape) for shape in self._build_shapes]
        return {"input_shape": shapes[0] if len(shapes) == 1 else shapes}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the arguments of a configuration of Keras 2 or 3, without weights.

        Arguments that only other releases have are left out where they have no effect.
        """
        named = (*cls.arguments, *COMMON)
        known = {spelling for each in named for spelling in (each.name, *each.old)}
        known |= {*IGNORED, *cls.ignored}
        return cls(**{k: v for k, v in config.items() if k in known or not is_idle(k, v)})


def list_of_arrays(weights: Any) -> list[Any]:
    """`weights=matrix` as `weights=[matrix]`."""
    return list(weights) if isinstance(weights, list | tuple) else [weights]
