"""The last files of a run, of its test documents."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.label_array import Labels
from hoiquy.nn.metrics import macro_f1_of
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.examples import find_examples
from hoiquy.runs.files import (
    Contents,
    Result,
    diagnostics_file,
    examples_file,
    misclassified_file,
    predictions_file,
    result_file,
)
from hoiquy.runs.folder import Predictions
from hoiquy.runs.misclassified import find_misclassified
from hoiquy.training.scoring import Scores


def tested_files(
    untested: Result,
    dataset: Dataset,
    labels: Labels,
    words: NDArray[np.int64],
    scores: Scores,
    diagnostics: Iterable[Diagnostic],
) -> Contents:
    """The predictions with what is read off them, and the result, which is complete, at the end.

    Args:
        untested: The result without its test measures.
        dataset: With the test documents.
        labels: Of the test documents.
        words: (documents,), their lengths before truncation.
        scores: What the test documents gave.
        diagnostics: Of the training.
    """
    texts, probabilities = dataset.test.texts, scores.probabilities
    complete = replace(
        untested,
        status="complete",
        test_accuracy=scores.accuracy,
        test_loss=scores.loss,
        test_macro_f1=macro_f1_of(labels, probabilities),
    )
    predictions = Predictions(labels, probabilities, dataset.test.lines)
    return (
        predictions_file(predictions, list(dataset.classes))
        | misclassified_file(find_misclassified(texts, words, labels, probabilities))
        | examples_file(find_examples(texts, words, labels, probabilities))
        | diagnostics_file(diagnostics)
        | result_file(complete)  # last: it shows that the others are there
    )
