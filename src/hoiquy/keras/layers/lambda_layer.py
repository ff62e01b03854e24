"""Lambda: a function of the script as a layer."""

import inspect
from collections.abc import Mapping
from typing import Any

from hoiquy.keras.errors import KerasTypeError, NotSupportedError
from hoiquy.keras.layers import lambda_code
from hoiquy.keras.layers.script_layer import Layer


class Lambda(Layer):
    """A function of a tensor, or of a list of them, without weights.

    Files hold the name of the function, or the code of a lambda, which never runs from there: a
    model that has one is loaded only where the function is given in `custom_objects`, by its name,
    or by that of the layer for a lambda; or where the program has made a `Lambda` of the same code.
    """

    def __init__(
        self, function: Any, output_shape: Any = None, mask: Any = None, arguments: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """Keep the function.

        Args:
            function: Of the inputs, and of `mask` and `training` if it takes them.
            output_shape: Has no effect: shapes are computed.
            mask: The mask of the outputs, or a function of inputs and mask; none by default.
            arguments: Further arguments of the function, by name.
            **kwargs: As `Layer`.
        """
        if not callable(function):
            kind = type(function).__name__
            raise KerasTypeError(f"Lambda: function is {kind}, expected a function")
        super().__init__(**kwargs)
        self.function, self.mask = function, mask
        if lambda_code.is_lambda(function):
            lambda_code.remember(function)
        self._given_arguments: dict[str, Any] = dict(arguments or {})
        self.supports_masking = True
        self._wanted = _names_of(function)

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        """The function's result."""
        given = dict(self._given_arguments)
        for name, value in (("mask", mask), ("training", training)):
            if name in self._wanted and name not in given:
                given[name] = value
        return self.function(inputs, **given)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """What `mask` says."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        """The name of the function, or the code of a lambda.

        Raises NotSupportedError for a lambda that uses values other than numbers and texts.
        """
        config = {**super().get_config(), "arguments": self._given_arguments}
        if lambda_code.is_lambda(self.function):
            return config | {"function": lambda_code.written(self.function)}
        name = getattr(self.function, "__name__", type(self.function).__name__)
        function = {"class_name": "function", "config": name, "registered_name": "function"}
        return config | {"function": {"module": "builtins", **function}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the function of `custom_objects`, or the lambda, of the configuration.

        A lambda is one that this program has written, or that is given by the name of the layer.
        Raises NotSupportedError where there is none: code in files never runs.
        """
        from hoiquy.keras.custom_objects import custom_object

        function = config.get("function")
        found = lambda_code.found(function)
        name = function.get("config") if isinstance(function, Mapping) else function
        if not isinstance(name, str):
            name = config.get("name")
        found = custom_object(name) if found is None else found
        if found is None:
            raise NotSupportedError(
                f"Lambda: code in files never runs; give the function {name} in "
                f"custom_objects={{{name!r}: function}}"
            )
        kept = {k: v for k, v in config.items() if k in ("name", "trainable", "arguments")}
        return cls(found, **kept)


def _names_of(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []
