"""An estimated difference and what follows from it with Student's t: p-value, interval, power."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A difference with its standard error, which has so many degrees of freedom."""

    difference: float
    standard_error: float
    freedom: float

    def p_value(self) -> float:
        """Of the test that there is no difference, two-sided (Student 1908)."""
        from scipy.stats import t

        if self.standard_error == 0:  # nothing varies at all
            return float(self.difference == 0)
        return float(2 * t.sf(abs(self.difference) / self.standard_error, self.freedom))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The values of the difference that the test does not reject."""
        from scipy.stats import t

        half = float(t.ppf((1 + confidence) / 2, self.freedom)) * self.standard_error
        return self.difference - half, self.difference + half

    def smallest_visible(self, level: float = 0.05, power: float = 0.8) -> float:
        """The smallest true difference that such a test would find with probability `power`.

        With as much noise as was measured; the noncentral t distribution (Cohen 1988, "Statistical
        Power Analysis for the Behavioral Sciences", chapter 2). For many degrees of freedom, 5 %
        and 80 % it is 2.80 standard errors.
        """
        from scipy.optimize import brentq
        from scipy.stats import nct, norm, t

        critical = float(t.ppf(1 - level / 2, self.freedom))

        def missing(shift: float) -> float:
            # the far tail is left out: SciPy has none of it where it is next to nothing
            return float(nct.sf(critical, self.freedom, shift)) - power

        if self.freedom > 1e5:  # the normal distribution, which SciPy's nct does not reach
            return self.standard_error * (critical + float(norm.ppf(power)))
        high = critical + 1.0
        while missing(high) < 0:
            high *= 2
            if not math.isfinite(high):
                return math.inf
        return self.standard_error * float(brentq(missing, 0.0, high))
