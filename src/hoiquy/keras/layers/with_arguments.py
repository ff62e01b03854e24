"""The arguments of a layer: as its attributes, and as settings of the layer of `hoiquy.nn`."""

from typing import Any, ClassVar

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.weighted import Weighted


class WithArguments(Weighted):
    """What a layer does with its arguments; its arrays are attributes, too.

    arguments: in Keras 3's order.
    """

    arguments: ClassVar[tuple[Argument, ...]] = ()
    _settings: dict[str, Any]

    def check_settings(self) -> None:
        """Check the arguments together, or change them."""

    def __getattr__(self, name: str) -> Any:
        """The arguments and the arrays, such as `layer.units` and `layer.kernel`."""
        members = self.__dict__
        if name in members.get("_settings", {}):
            return members["_settings"][name]
        if not name.startswith("_") and members.get("_nn") is not None:
            for variable in self.weights:
                if variable.name == name:
                    return variable
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        settings = self.__dict__.get("_settings", {})
        if name not in settings:
            object.__setattr__(self, name, value)
        elif self._nn is not None:
            raise KerasError(f"{self._name}: {name} cannot be changed once the layer is built")
        else:
            kind = next(each.kind for each in type(self).arguments if each.name == name)
            settings[name] = kind.read(value, f"{self._name}: {name}")

    def _by_parameter(self, suffix: str) -> dict[str, Any]:
        """The objects of `hoiquy.nn` of arguments such as kernel_regularizer, by parameter."""
        found = {}
        for argument in type(self).arguments:
            value = self._settings[argument.name]
            if argument.name.endswith(suffix) and value is not None:
                name = argument.name.removesuffix(suffix)
                found["recurrent_kernel" if name == "recurrent" else name] = value.make()
        return found

    def nn_settings(self) -> dict[str, Any]:
        """The fields of the nn layer."""
        return {
            argument.nn_field: argument.kind.to_nn(self._settings[argument.name])
            for argument in type(self).arguments
            if argument.nn_field and not argument.name.endswith(("_regularizer", "_constraint"))
        }
