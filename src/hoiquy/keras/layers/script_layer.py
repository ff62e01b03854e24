"""`keras.layers.Layer` as scripts derive from it: `build`, `call` and `add_weight`."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hoiquy.keras import usage
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.layers import script_weights
from hoiquy.keras.layers.base import Layer as BaseLayer
from hoiquy.keras.layers.base import list_of_arrays
from hoiquy.keras.layers.calls import is_symbolic
from hoiquy.keras.layers.input_spec import check_inputs
from hoiquy.keras.layers.layer_type import LayerType
from hoiquy.keras.layers.script_calls import ScriptCalls
from hoiquy.keras.shapes import as_shapes
from hoiquy.keras.tensors import Shape
from hoiquy.keras.values.tensor_shape import TensorShape

_IGNORED = {"dynamic": "code always runs step by step"}
_PLAIN = (str, int, float, bool, type(None))


class _AnyLayer(LayerType):
    """Every layer is an instance of `Layer`, also the built-in ones."""

    def __instancecheck__(self, instance: Any) -> bool:
        if self.__module__ == __name__ and self.__name__ == "Layer":
            return isinstance(instance, BaseLayer)
        return super().__instancecheck__(instance)

    def __subclasscheck__(self, subclass: Any) -> bool:
        if self.__module__ == __name__ and self.__name__ == "Layer":
            return issubclass(subclass, BaseLayer)
        return super().__subclasscheck__(subclass)


class Layer(  # type: ignore[misc]
    ScriptCalls, script_weights.ScriptWeights, BaseLayer, metaclass=_AnyLayer
):
    """The base of a script's own layers.

    A derived class has `call`, and may have `build`, `compute_output_shape`, `compute_mask` and
    `get_config`, as in Keras. The code runs in each step, on `Value`s; autograd follows it.

    Attributes:
        supports_masking: Whether the mask of the input is passed on.
        input_spec: An `InputSpec` or a list, which inputs are checked against.
    """

    runs_script_code = True
    ignored: ClassVar[dict[str, str]] = _IGNORED
    input_spec: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = object.__new__(cls)
        layer.__dict__["_given"] = (args, kwargs)
        return layer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set the name and what all layers have in common.

        Args:
            *args: None.
            **kwargs: `name`, `trainable`, `dtype`, `activity_regularizer`, `input_shape`, ….
        """
        usage.record_used("layers.Layer")
        super().__init__(*args, **kwargs)
        self.__dict__.setdefault("supports_masking", type(self).compute_mask is not _DEFAULT_MASK)
        self.__dict__.setdefault("_is_built", False)

    # Building

    @property
    def built(self) -> bool:
        return bool(self.__dict__.get("_is_built", False))

    @built.setter
    def built(self, value: bool) -> None:
        self.__dict__["_is_built"] = bool(value)

    def build(self, input_shape: Any = None) -> None:
        """Create the weights; a derived class does so with `add_weight`."""
        self.built = True

    def build_for(self, shapes: Sequence[Shape], dtypes: Sequence[str] | None = None) -> None:
        """Build the layer for inputs of these shapes, and whatever layers it calls."""
        if not self.built:
            check_inputs(self.name, self.input_spec, shapes)
            self.build(*self._build_arguments(shapes))
            self.built = True
        check_inputs(self.name, self.input_spec, shapes)
        if not self._build_shapes:
            self._build_shapes = [tuple(shape) for shape in shapes]
            self._input_dtypes = list(dtypes or ["float32"] * len(shapes))
            self.output_shapes_for(shapes)
            self._nn = None  # type: ignore[assignment]
        if self._initial_weights is not None:
            self.set_weights(list_of_arrays(self._initial_weights))
            self._initial_weights = None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs, by computing them for zeros."""
        shapes = as_shapes(input_shape, f"{self.name}: input_shape")
        self.build_for(shapes)
        return self.packed_outputs([TensorShape(one) for one in self.output_shapes_for(shapes)])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs: that of the inputs."""
        return mask

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the layer computes: that of a derived class."""
        raise NotSupportedError(f"{type(self).__name__} has no call(): a layer needs one")

    # Calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As any layer; all arguments go to `call`, and may hold tensors."""
        if "_settings" not in self.__dict__:
            name = type(self).__name__
            raise KerasError(f"{name}: call super().__init__() in its __init__ first")
        if is_symbolic([list(args), kwargs]):
            return self.call_on_symbols(args, kwargs)
        return self.call_on_arrays(args, kwargs)

    # Configuration

    def get_config(self) -> dict[str, Any]:
        """What all layers have, and the arguments of `__init__` if `get_config` is not overridden.

        Raises NotSupportedError for arguments that JSON cannot hold.
        """
        config = super().get_config()
        if type(self).get_config is not Layer.get_config:
            return config
        return config | self._plain_arguments()

    def _plain_arguments(self) -> dict[str, Any]:
        args, kwargs = self.__dict__["_given"]
        bound = inspect.signature(type(self).__init__).bind_partial(self, *args, **kwargs)
        found: dict[str, Any] = {}
        for name, value in list(bound.arguments.items())[1:]:
            found |= value if isinstance(value, Mapping) and name not in kwargs else {name: value}
        found.pop("args", None)
        for name in ("name", "trainable", "dtype", "activity_regularizer"):
            found.pop(name, None)
        for name, value in found.items():
            if not _is_plain(value):
                kind = type(self).__name__
                raise NotSupportedError(
                    f"{kind} has the argument {name!r} of type {type(value).__name__}: it needs a "
                    "get_config() that returns its arguments"
                )
        return found

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` returned; what `__init__` does not take is left out."""
        parameters = inspect.signature(cls.__init__).parameters.values()
        if not any(one.kind is one.VAR_KEYWORD for one in parameters):
            known = {one.name for one in parameters}
            common = ("name", "trainable", "dtype")
            config = {k: v for k, v in config.items() if k in known or k not in common}
        try:
            return cls(**config)
        except TypeError as error:
            raise KerasTypeError(
                f"{cls.__name__} cannot be made of its configuration: {error}"
            ) from (error)


_DEFAULT_MASK = Layer.compute_mask


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, _PLAIN)
