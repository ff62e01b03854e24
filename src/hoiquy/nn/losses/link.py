"""From the logits of several models, which are added with weights, to probabilities and back.

Where a document has one label, logits are log probabilities and a softmax follows; where it may
have several, they are log odds and a sigmoid of each follows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses.output import MIN_PROBABILITY, log_probabilities, log_softmax, sigmoid

Logits = NDArray[np.float64]  # (documents, classes)


@dataclass(frozen=True)
class Link:
    """What logits mean. All arrays are (documents, classes).

    Attributes:
        name: Of the logits, in files.
        normalised: Sums of logits, or margins, → logits.
        of_probabilities: A model's probabilities → logits, clipped.
        probabilities: Logits → probabilities.
    """

    name: Literal["log_probabilities", "log_odds"]
    normalised: Callable[[Logits], Logits]
    of_probabilities: Callable[[NDArray[np.floating]], Logits]
    probabilities: Callable[[Logits], Logits]


def log_odds(probabilities: NDArray[np.floating]) -> Logits:
    """log p - log (1 - p), with p clipped to [MIN_PROBABILITY, 1 - MIN_PROBABILITY]."""
    p = np.clip(probabilities.astype(np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.asarray(np.log(p) - np.log1p(-p))


def _unchanged(logits: Logits) -> Logits:
    return logits


def _sigmoids(logits: Logits) -> Logits:
    return np.asarray(sigmoid(logits), np.float64)


ONE_LABEL = Link("log_probabilities", log_softmax, log_probabilities, np.exp)
SEVERAL_LABELS = Link("log_odds", _unchanged, log_odds, _sigmoids)


def link_of(multilabel: bool) -> Link:
    """The link for documents with one label each, or with any number."""
    return SEVERAL_LABELS if multilabel else ONE_LABEL
