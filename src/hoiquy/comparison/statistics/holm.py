"""Holm's correction of p-values for several tests."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted p-values, in the given order.

    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6, 65-70: the smallest is multiplied by the number of tests, the next by one less,
    and so on, without decreasing. The probability of any false alarm stays at the level, however
    the tests depend on each other.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    ordered = sorted(range(len(p_values)), key=lambda at: p_values[at])
    for smaller, at in enumerate(ordered):
        largest = max(largest, min((len(p_values) - smaller) * p_values[at], 1.0))
        adjusted[at] = largest
    return adjusted
