"""The exceptions of `hoiquy.keras`.

KerasError              an argument, array or file has a wrong value (also a ValueError)
└── AbsentFileError     a file does not exist (also a FileNotFoundError)
KerasTypeError          an argument has a wrong type or is unknown (also a TypeError)
NotSupportedError       Keras has it, `hoiquy.keras` has not (also a NotImplementedError)
└── MissingNameError    a name of Keras or TensorFlow (also an AttributeError)

Scripts written for Keras catch Python's exceptions, so these are both hoiquy's and Python's.
"""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from hoiquy.errors import HoiquyError, InputError


class KerasError(InputError, ValueError):
    """A wrong value, name or file, where Keras raises a ValueError."""


class AbsentFileError(KerasError, FileNotFoundError):
    """A file of a model or of weights does not exist."""


class KerasTypeError(InputError, TypeError):
    """An argument has a wrong type or is unknown."""


class NotSupportedError(HoiquyError, NotImplementedError):
    """Keras or TensorFlow can do it, `hoiquy.keras` cannot."""


class MissingNameError(NotSupportedError, AttributeError):
    """A name of Keras or TensorFlow that `hoiquy.keras` lacks was used."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> KerasError:
    """The error for an unknown name of a loss, an optimizer and so on, with the nearest ones."""
    known = sorted(known)
    by_lower = {one.lower(): one for one in known}
    close = difflib.get_close_matches(str(name).lower(), by_lower, n=3, cutoff=0.5)
    nearest = ", ".join(repr(by_lower[one]) for one in close) or ", ".join(map(repr, known))
    return KerasError(f"unknown {kind} {name!r}; {'nearest' if close else 'known'}: {nearest}")


@contextmanager
def as_value_errors() -> Iterator[None]:
    """Raise the engine's errors about input as KerasErrors, which are ValueErrors."""
    try:
        yield
    except InputError as error:
        if isinstance(error, KerasError | KerasTypeError):
            raise
        raise KerasError(str(error)) from error
