"""Special functions, from SciPy.

SciPy is imported at the first call: that takes twice as long as importing NumPy, and few networks
use a GELU or a truncated normal distribution.
"""

from typing import Any


def erf(x: Any) -> Any:
    """The error function, elementwise."""
    from scipy import special

    return special.erf(x)


def ndtr(x: Any) -> Any:
    """The cumulative distribution function of the standard normal distribution, elementwise."""
    from scipy import special

    return special.ndtr(x)


def ndtri(p: Any) -> Any:
    """The inverse of `ndtr`, elementwise."""
    from scipy import special

    return special.ndtri(p)
