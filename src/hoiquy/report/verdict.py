"""LSTM against GRU on the same test documents, in one plain sentence."""

from collections.abc import Sequence

import numpy as np

from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.runs import Predictions, Run
from hoiquy.statistics import PairedComparison, compare_paired

SIGNIFICANCE = 0.05


def lstm_versus_gru(lstm: Run, gru: Run, lang: Lang) -> str:
    """Say which of two trained networks is better, or that no difference can be seen.

    A difference is claimed only if McNemar's exact test and the 95 % interval both say so; near
    p = 0.05 they can disagree, and then the cautious answer holds. A second sentence says that one
    training of each does not compare the architectures.
    Raises RunError if the runs were not scored on the same documents, or have no predictions.
    """
    lstm_predictions, gru_predictions = _on_same_documents(lstm, gru)
    lstm_right, gru_right = lstm_predictions.right(), gru_predictions.right()
    comparison = compare_paired(lstm_right, gru_right)
    sentence = text(
        f"verdict.{'better' if _is_real(comparison) else 'no_difference'}",
        lang,
        winner="LSTM" if comparison.difference > 0 else "GRU",
        lstm=float(lstm_right.mean()),
        gru=float(gru_right.mean()),
        documents=comparison.documents,
        difference=comparison.difference,
        low=comparison.low,
        high=comparison.high,
        p=comparison.p_value,
    )
    return f"{sentence} {text('verdict.one_training', lang)}"


def seeds_versus_seeds(lstm: Sequence[Run], gru: Sequence[Run], lang: Lang) -> str:
    """Say where the test accuracies of several seeds lie; every run is complete."""
    lstm_accuracies, gru_accuracies = _accuracies(lstm), _accuracies(gru)
    return text(
        "verdict.seeds",
        lang,
        lstm_seeds=len(lstm),
        gru_seeds=len(gru),
        lstm_mean=sum(lstm_accuracies) / len(lstm),
        lstm_low=100 * min(lstm_accuracies),
        lstm_high=100 * max(lstm_accuracies),
        gru_mean=sum(gru_accuracies) / len(gru),
        gru_low=100 * min(gru_accuracies),
        gru_high=100 * max(gru_accuracies),
    )


def _on_same_documents(first: Run, second: Run) -> tuple[Predictions, Predictions]:
    advice = "score both on the same data set to compare them"
    names = f"{first.folder} and {second.folder}"
    if first.result.data_fingerprint != second.result.data_fingerprint:
        raise RunError(f"{names} were trained and scored on different data: {advice}")
    predictions = first.predictions(), second.predictions()
    if not np.array_equal(predictions[0].labels, predictions[1].labels):
        raise RunError(f"{names} were scored on different test documents: {advice}")
    return predictions


def _is_real(comparison: PairedComparison) -> bool:
    excludes_zero = comparison.low > 0 or comparison.high < 0
    return comparison.p_value < SIGNIFICANCE and excludes_zero


def _accuracies(runs: Sequence[Run]) -> list[float]:
    return [run.result.test_accuracy or 0.0 for run in runs]
