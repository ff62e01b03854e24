"""Several tests at once: p-values that keep the chance of a single false alarm at the level."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted p-values, in the order given.

    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6, 65-70: the smallest is multiplied by how many there are, the next by one
    fewer, and none may come out below one that was smaller. Whatever the tests have to do with
    each other, the chance that any difference is claimed where there is none stays at the level.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    ordered = sorted(range(len(p_values)), key=lambda at: p_values[at])
    for smaller, at in enumerate(ordered):
        largest = max(largest, min((len(p_values) - smaller) * p_values[at], 1.0))
        adjusted[at] = largest
    return adjusted
