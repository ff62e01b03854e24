"""Errors for wrong use of the Keras front end, and for what it does not support.

    KerasError              a wrong value                           (also a ValueError)
    KerasTypeError          a wrong type, or an unknown argument    (also a TypeError)
    NotSupportedError       Keras has it, `hoiquy.keras` has not    (also a NotImplementedError)
    └── MissingNameError    a name of Keras or TensorFlow           (also an AttributeError)

Scripts written for Keras catch Python's own errors, so these are both hoiquy's and Python's.
"""

from hoiquy.errors import HoiquyError, InputError


class KerasError(InputError, ValueError):
    """An argument or an array has a wrong value."""


class KerasTypeError(InputError, TypeError):
    """An argument has a wrong type or is unknown."""


class NotSupportedError(HoiquyError, NotImplementedError):
    """Keras or TensorFlow can do it, `hoiquy.keras` cannot."""


class MissingNameError(NotSupportedError, AttributeError):
    """A name of Keras or TensorFlow that `hoiquy.keras` lacks was used."""
