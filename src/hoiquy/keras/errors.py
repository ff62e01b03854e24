"""The exceptions of `hoiquy.keras`.

KerasError              a wrong argument or file                (also a ValueError)
NotSupportedError       Keras has it, `hoiquy.keras` has not    (also a NotImplementedError)
└── MissingNameError    a name of Keras or TensorFlow           (also an AttributeError)
"""

import difflib
from collections.abc import Iterable

from hoiquy.errors import HoiquyError, InputError


class KerasError(InputError, ValueError):
    """A wrong argument, name or file, where Keras raises a ValueError."""


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
