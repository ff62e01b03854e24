"""The interval of an accuracy measured on a sample of documents."""

from hoiquy.errors import ShapeError


def accuracy_interval(
    correct: int, documents: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the score interval of an accuracy (Wilson 1927), two fractions within [0, 1].

    Unlike accuracy ± 1.96 standard errors it keeps its coverage for few documents and for
    accuracies near 0 or 1. Raises ShapeError unless 0 <= correct <= documents and documents >= 1.
    """
    from scipy.stats import binomtest

    if not 0 <= correct <= documents or documents < 1:
        raise ShapeError(f"{correct} correct of {documents} documents is not an accuracy")
    interval = binomtest(correct, documents).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)
