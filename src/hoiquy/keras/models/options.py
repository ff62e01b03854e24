"""Options of the methods of models."""

from collections.abc import Mapping
from typing import Any

from hoiquy.keras import usage
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError

_KNOWN = (
    "x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_data",
    "validation_split", "sample_weight", "class_weight", "steps", "steps_per_epoch",
)  # fmt: skip


def ignore_options(method: str, options: Mapping[str, Any], ignored: Mapping[str, str]) -> None:
    """Record options without effect. Raises KerasTypeError for unknown ones."""
    for name in options:
        if name not in ignored:
            raise unknown_argument(method, name, [*ignored, *_KNOWN])
        usage.record_ignored(f"Model.{method}", name, ignored[name])


def verbosity(verbose: Any) -> int:
    """0, 1 or 2. Raises KerasError."""
    if isinstance(verbose, str) and verbose != "auto":
        raise KerasError(f"verbose={verbose!r}, expected 0, 1, 2 or 'auto'")
    return 1 if verbose in ("auto", True) else int(verbose)


def whole(name: str, value: Any, lowest: int = 1) -> int:
    """A whole number. Raises KerasError."""
    is_number = hasattr(value, "__int__") and not isinstance(value, bool | str)
    if not is_number or int(value) != value or value < lowest:
        raise KerasError(f"{name}={value!r}, expected a whole number, {lowest} or more")
    return int(value)
