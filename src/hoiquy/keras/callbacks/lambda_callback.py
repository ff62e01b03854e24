"""A callback made of functions."""

from typing import Any

from hoiquy.keras.callbacks.callback import Callback
from hoiquy.keras.errors import KerasError


class LambdaCallback(Callback):
    """Calls functions instead of methods: `LambdaCallback(on_epoch_end=lambda epoch, logs: …)`."""

    def __init__(self, **functions: Any) -> None:
        """Set the functions.

        Args:
            **functions: By the name of the method that each replaces, such as on_epoch_end;
                other values become attributes.

        Raises:
            KerasError: An event is unknown, or its value is not a function.
        """
        super().__init__()
        for name, value in functions.items():
            if name.startswith("on_") and not hasattr(Callback, name):
                raise KerasError(f"LambdaCallback: there is no event {name!r}")
            if name.startswith("on_") and not (value is None or callable(value)):
                raise KerasError(f"LambdaCallback: {name} is {value!r}, expected a function")
            if value is not None:
                setattr(self, name, value)
