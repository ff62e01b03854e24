"""Too few documents: the number needed is well above the number there is."""

import numpy as np
import pytest

from hoiquy.comparison.judgement import LossFacts, judge_accuracy, judge_fit, loss_facts
from hoiquy.comparison.judgement.sample_size import documents_for
from hoiquy.runs.history import EpochRecord
from synthetic_runs import epochs


@pytest.mark.parametrize("majority", [0.5, 0.9])
def test_too_few_documents_are_fewer_than_needed_by_a_tenth(majority: float) -> None:
    for documents in range(100, 700, 3):
        labels = (np.arange(documents) >= majority * documents).astype(int)
        for accuracy in (0.52, 0.65, 0.8, 0.93):
            judged = judge_accuracy(labels, np.arange(documents) < accuracy * documents)
            assert not judged.too_few or judged.documents_needed >= 1.1 * documents
            fit = judge_fit(*alike(accuracy), (9 * documents, documents), majority)
            needed = documents_for(fit.low, fit.high, majority)
            assert fit.key != "fit_too_few" or needed >= 1.1 * documents


def alike(accuracy: float) -> tuple[list[EpochRecord], LossFacts]:
    """A loss that falls, and equal accuracies."""
    losses = [0.7, 0.6, 0.5, 0.5]
    history = epochs(losses, losses, [accuracy] * 4, [accuracy] * 4)
    return history, loss_facts(history)
