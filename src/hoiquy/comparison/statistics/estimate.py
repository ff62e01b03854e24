"""An estimated difference: its test, interval and power."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A difference, and the parts of its variance, each with its degrees of freedom.

    The parts are summed. `cochran` decides how their degrees of freedom are combined:

    - False: one number of degrees of freedom for the sum, by Satterthwaite (1946), "An approximate
      distribution of estimates of variance components", Biometrics Bulletin 2, 110-114.
    - True: the critical value is the mean of those of the parts, each weighted by its share of the
      variance (Cochran 1964, "Approximate significance levels of the Behrens-Fisher test",
      Biometrics 20, 191-195). It is never too small; Satterthwaite's is, if most of the variance
      has one or two degrees of freedom and the rest has very many.
    """

    difference: float
    parts: tuple[tuple[float, float], ...]  # variance, degrees of freedom; none of them negative
    cochran: bool = False

    @property
    def variance(self) -> float:
        return sum(part for part, _ in self.parts)

    @property
    def standard_error(self) -> float:
        return math.sqrt(self.variance)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the whole variance, by Satterthwaite."""
        squares = sum(part**2 / freedom for part, freedom in self.parts)
        return self.variance**2 / squares if squares else self.parts[-1][1]

    def critical(self, level: float) -> float:
        """The number of standard errors from which a difference is significant at this level."""
        from scipy.stats import t

        if not self.cochran or not self.variance:
            return float(t.isf(level / 2, self.freedom))
        weighted = sum(part * t.isf(level / 2, freedom) for part, freedom in self.parts)
        return float(weighted / self.variance)

    def p_value(self) -> float:
        """The two-sided p-value of no difference."""
        from scipy.optimize import brentq
        from scipy.stats import t

        if self.variance == 0:  # no variance at all
            return float(self.difference == 0)
        ratio = abs(self.difference) / self.standard_error
        if not self.cochran:
            return float(2 * t.sf(ratio, self.freedom))
        if ratio >= self.critical(math.exp(_SMALLEST)):
            return math.exp(_SMALLEST)
        found = brentq(lambda log: self.critical(math.exp(log)) - ratio, _SMALLEST, 0.0)
        return math.exp(float(found))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The values of the difference that the test does not reject."""
        half = self.critical(1 - confidence) * self.standard_error
        return self.difference - half, self.difference + half

    def smallest_visible(self, level: float = 0.05, power: float = 0.8) -> float:
        """The smallest true difference that the test detects with probability `power`.

        Computed with the measured variance from the noncentral t distribution (Cohen 1988,
        "Statistical Power Analysis for the Behavioral Sciences", chapter 2). With many degrees of
        freedom, at the 5% level and 80% power, it is 2.80 standard errors.
        """
        from scipy.optimize import brentq
        from scipy.stats import nct

        critical, freedom = self.critical(level), min(self.freedom, _AS_GOOD_AS_NORMAL)

        def missing(shift: float) -> float:
            return float(nct.sf(critical, freedom, shift)) - power

        high = 2 * critical + 1
        while missing(high) < 0:
            high *= 2
        return self.standard_error * float(brentq(missing, 0.0, high))


_SMALLEST = math.log(1e-300)  # the logarithm of the smallest p-value
_AS_GOOD_AS_NORMAL = 10_000.0  # degrees of freedom beyond which SciPy's nct loses digits
