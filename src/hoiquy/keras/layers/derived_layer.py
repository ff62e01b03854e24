"""Classes of a script that derive from a built-in layer, such as Dense, with code of their own."""

from typing import Any, ClassVar

from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.layers.added_weights import AddedWeight
from hoiquy.keras.layers.base import Layer as BaseLayer
from hoiquy.keras.layers.script_layer import Layer
from hoiquy.keras.layers.weights import Variable

_WITHOUT_CODE = ("Bidirectional", "InputLayer", "MultiHeadAttention", "RNN", "TimeDistributed")


class DerivedLayer(Layer):
    """What such a class derives from before the built-in layer: its methods run as one step.

    The built-in layer is made when the class builds it by `super().build(…)`; the class has its
    arrays, by their names. `super().call(…)` calls it, on its own kernels.
    """

    derives_from: ClassVar[type[BaseLayer]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        kinds = [kind for kind in cls.__mro__ if "nn_class" in vars(kind)]
        if kinds and issubclass(kinds[0], BaseLayer):
            cls.derives_from = kinds[0]
            cls.ignored = {**Layer.ignored, **kinds[0].ignored}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set the arguments of the built-in layer.

        Raises NotSupportedError for layers that cannot be derived from.
        """
        kind = self.derives_from.__name__
        if kind in _WITHOUT_CODE:
            raise NotSupportedError(
                f"{type(self).__name__}: a {kind} with code of its own is not supported; derive "
                f"the class from Layer and call a {kind} in it"
            )
        super().__init__(*args, **kwargs)

    def build(self, input_shape: Any = None) -> None:
        """Make the built-in layer for inputs of this shape, and take its arrays."""
        if "_built_in" not in self.__dict__:
            inner = self.derives_from(**self._settings, name=self.name)
            inner.build(input_shape)
            self.__dict__["_built_in"] = inner
            for variable in inner.weights:
                own = Variable(variable.value, variable.name, variable.path, variable.trainable)
                own.constraint = variable.constraint
                self._added.append(AddedWeight(own))
                self.__dict__[own.name] = own
        self.built = True

    @property
    def built_in(self) -> BaseLayer:
        """The built-in layer. Raises KerasError before it is built."""
        found: BaseLayer | None = self.__dict__.get("_built_in")
        if found is None:
            raise KerasError(
                f"{self.name}: call super().build(input_shape) in its build(), or leave build() out"
            )
        return found

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """What the built-in layer computes. Raises KerasError before it is built."""
        return self.built_in(inputs, *args, **kwargs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask that the built-in layer gives. Raises KerasError before it is built."""
        return self.built_in.compute_mask(inputs, mask)

    def inner_layers(self) -> list[Any]:
        """The layers that it holds, and the built-in layer."""
        own = [self.built_in] if "_built_in" in self.__dict__ else []
        return own + super().inner_layers()

    def get_config(self) -> dict[str, Any]:
        """The arguments of the built-in layer."""
        return BaseLayer.get_config(self)
