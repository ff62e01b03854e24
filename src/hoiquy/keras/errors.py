"""The exceptions of `hoiquy.keras`.

    KerasError              an argument or an array has a wrong value (also a ValueError)
    KerasTypeError          an argument has a wrong type or is unknown (also a TypeError)
    NotSupportedError       Keras has it, `hoiquy.keras` has not (also a NotImplementedError)
    └── MissingNameError    a name of Keras or TensorFlow (also an AttributeError)

Scripts written for Keras catch Python's exceptions, so these are both hoiquy's and Python's.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hoiquy.errors import HoiquyError, InputError


class KerasError(InputError, ValueError):
    """An argument or an array has a wrong value."""


class KerasTypeError(InputError, TypeError):
    """An argument has a wrong type or is unknown."""


class NotSupportedError(HoiquyError, NotImplementedError):
    """Keras or TensorFlow can do it, `hoiquy.keras` cannot."""


class MissingNameError(NotSupportedError, AttributeError):
    """A name of Keras or TensorFlow that `hoiquy.keras` lacks was used."""


@contextmanager
def as_value_errors() -> Iterator[None]:
    """Raise the engine's errors about input also as ValueErrors."""
    try:
        yield
    except InputError as error:
        if isinstance(error, ValueError | TypeError):
            raise
        raise KerasError(str(error)) from error
