"""Errors for wrong use of the Keras front end.

Scripts written for Keras catch ValueError and TypeError, so these are both hoiquy's and Python's.
"""

from hoiquy.errors import InputError


class KerasError(InputError, ValueError):
    """An argument or an array has a wrong value."""


class KerasTypeError(InputError, TypeError):
    """An argument has a wrong type or is unknown."""
