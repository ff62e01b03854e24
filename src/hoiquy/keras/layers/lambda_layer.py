"""Lambda: a function of the script as a layer."""

import inspect
from collections.abc import Mapping
from typing import Any

from hoiquy.keras.errors import KerasTypeError, NotSupportedError
from hoiquy.keras.layers.script_layer import Layer


class Lambda(Layer):
    """A function of a tensor, or of a list of them, without weights.

    Its code is not written to files: a model that has one is loaded only if the function has a
    name and is given in `custom_objects`.
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
        """The name of the function.

        Raises NotSupportedError for a lambda, whose code is not written to files.
        """
        name = getattr(self.function, "__name__", "<lambda>")
        if name == "<lambda>":
            raise NotSupportedError(
                f"{self.name}: the code of a lambda is not written to files; define the function "
                "with def, and give it to load_model in custom_objects"
            )
        config = {**super().get_config(), "arguments": self._given_arguments}
        function = {"class_name": "function", "config": name, "registered_name": "function"}
        return config | {"function": {"module": "builtins", **function}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the function of `custom_objects` that the configuration names.

        Raises NotSupportedError where there is none: code in files never runs.
        """
        from hoiquy.keras.custom_objects import custom_object

        function = config.get("function")
        name = function.get("config") if isinstance(function, Mapping) else function
        found = custom_object(name)
        if found is None:
            shown = name if isinstance(name, str) else "a lambda"
            raise NotSupportedError(
                f"Lambda: code in files never runs; give the function {shown} in "
                "custom_objects={'name': function}"
            )
        kept = {k: v for k, v in config.items() if k in ("name", "trainable", "arguments")}
        return cls(found, **kept)


def _names_of(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []
