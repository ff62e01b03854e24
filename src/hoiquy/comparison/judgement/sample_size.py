"""How many documents a verdict needs."""

import math

PRECISE_SKILL = 0.1  # half the width of an interval that is narrow enough to judge by
# An interval may be so many times as wide as it has to be, so that no text says "too few" where a
# tenth more documents, or fewer, would do.
TOLERANCE = 1.05
_Z = 1.959964  # of a 95% interval


def precision_of(majority: float) -> float:
    """Half the width of an interval that is narrow enough to judge by, a fraction.

    It is a tenth of the errors of always predicting the majority class: ±5 points on two equal
    classes.
    """
    return PRECISE_SKILL * (1 - majority)


def is_narrow(low: float, high: float, majority: float) -> bool:
    """Whether an interval is narrow enough to judge by: ± `precision_of(majority)`, or nearly."""
    return high - low <= 2 * TOLERANCE * precision_of(majority)


def documents_for(low: float, high: float, majority: float) -> int:
    """Documents for an interval of ± `precision_of(majority)`, rounded up to two digits.

    low, high: the interval so far. Its middle stands for the accuracy, as few documents pull it
    towards 50% and make the estimate a careful one. 0 if the majority class is always right.
    """
    if majority >= 1:
        return 0
    middle = (low + high) / 2
    return rounded_up(middle * (1 - middle) * (_Z / precision_of(majority)) ** 2)


def rounded_up(number: float) -> int:
    """The number rounded up to two digits, such as 290 for 288."""
    unit: int = 10 ** max(math.floor(math.log10(max(number, 1))) - 1, 0)
    return math.ceil(number / unit) * unit
