"""Metrics with settings, and the kinds of targets and predictions that they take."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.metrics.streaming import METRICS, Metric

ROWS, CLASSES = 60, 5
THRESHOLDS = [0.1, 0.35, 0.7]

# name, settings, targets, predictions
Case = tuple[str, dict[str, Any], str, str]

CASES: list[Case] = [
    ("Accuracy", {}, "classes", "guesses"),
    ("BinaryAccuracy", {}, "binary", "scores"),
    ("BinaryAccuracy", {"threshold": 0.3}, "labels", "many scores"),
    ("CategoricalAccuracy", {}, "one hot", "shares"),
    ("SparseCategoricalAccuracy", {}, "classes", "shares"),
    ("SparseCategoricalAccuracy", {}, "class column", "shares"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one hot", "shares"),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, "classes", "shares"),
    ("MeanSquaredError", {}, "numbers", "more numbers"),
    ("MeanAbsoluteError", {}, "numbers", "more numbers"),
    ("RootMeanSquaredError", {}, "numbers", "more numbers"),
    ("MeanAbsolutePercentageError", {}, "numbers", "more numbers"),
    ("MeanSquaredLogarithmicError", {}, "shares", "many scores"),
    ("BinaryCrossentropy", {}, "binary", "scores"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "binary", "logits"),
    ("CategoricalCrossentropy", {}, "one hot", "shares"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, "one hot", "shares"),
    ("SparseCategoricalCrossentropy", {}, "classes", "shares"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes", "shares"),
    ("LogCoshError", {}, "numbers", "more numbers"),
    ("Hinge", {}, "labels", "numbers"),
    ("SquaredHinge", {}, "labels", "numbers"),
    ("CategoricalHinge", {}, "one hot", "numbers"),
    ("CosineSimilarity", {}, "numbers", "more numbers"),
    ("Poisson", {}, "shares", "many scores"),
    ("KLDivergence", {}, "shares", "many scores"),
    ("TruePositives", {}, "binary", "scores"),
    ("TrueNegatives", {"thresholds": THRESHOLDS}, "binary", "scores"),
    ("FalsePositives", {"thresholds": [0.0, 0.5, 1.0]}, "binary", "scores"),
    ("FalseNegatives", {"thresholds": 0.6}, "labels", "many scores"),
    ("Precision", {}, "binary", "scores"),
    ("Precision", {"thresholds": THRESHOLDS}, "labels", "many scores"),
    ("Precision", {"top_k": 2}, "one hot", "shares"),
    ("Precision", {"class_id": 2, "thresholds": 0.4}, "labels", "many scores"),
    ("Recall", {}, "binary", "scores"),
    ("Recall", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, "binary", "coarse scores"),
    ("Recall", {"top_k": 3, "class_id": 1}, "one hot", "shares"),
    ("Recall", {"top_k": 2, "thresholds": 0.3}, "labels", "many scores"),
    ("AUC", {}, "binary", "scores"),
    ("AUC", {}, "binary", "coarse scores"),
    ("AUC", {"num_thresholds": 7, "summation_method": "minoring"}, "binary", "scores"),
    ("AUC", {"num_thresholds": 7, "summation_method": "majoring"}, "binary", "coarse scores"),
    ("AUC", {"curve": "PR"}, "binary", "scores"),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, "binary", "scores"),
    ("AUC", {"curve": "PRGAIN"}, "binary", "scores"),
    ("AUC", {"from_logits": True}, "binary", "logits"),
    ("AUC", {"thresholds": THRESHOLDS}, "binary", "scores"),
    ("AUC", {}, "one hot", "shares"),
    ("AUC", {"label_weights": [1, 2, 3, 0, 1]}, "labels", "many scores"),
    ("AUC", {"multi_label": True, "num_labels": CLASSES}, "labels", "many scores"),
    ("AUC", {"multi_label": True, "curve": "PR"}, "labels", "many scores"),
    (
        "AUC",
        {"multi_label": True, "label_weights": [1, 2, 3, 0, 1], "thresholds": THRESHOLDS},
        "labels", "many scores",
    ),
    ("PrecisionAtRecall", {"value": 0.6}, "binary", "scores"),
    ("RecallAtPrecision", {"value": 0.5}, "binary", "scores"),
    ("SensitivityAtSpecificity", {"value": 0.5, "num_thresholds": 20}, "binary", "scores"),
    ("SpecificityAtSensitivity", {"value": 0.7, "num_thresholds": 1}, "binary", "scores"),
    ("PrecisionAtRecall", {"value": 0.2, "class_id": 3}, "labels", "many scores"),
    ("F1Score", {}, "one hot", "shares"),
    ("F1Score", {"average": "macro", "threshold": 0.4}, "labels", "many scores"),
    ("F1Score", {"average": "micro"}, "one hot", "shares"),
    ("FBetaScore", {"average": "weighted", "beta": 2.0}, "one hot", "shares"),
    ("R2Score", {}, "numbers", "more numbers"),
    ("R2Score", {"class_aggregation": None}, "numbers", "more numbers"),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "numbers", "more numbers"),
    ("R2Score", {"num_regressors": 3}, "numbers", "more numbers"),
]  # fmt: skip


def title(case: Case) -> str:
    return "-".join((case[0], *map(str, case[1]), *case[2:])).replace(" ", "_")


def metric_of(case: Case) -> Metric:
    return METRICS[case[0]](**case[1])


def draw(kind: str, rng: np.random.Generator, rows: int = ROWS) -> NDArray[Any]:
    scores = rng.random((rows, 1))
    return {
        "classes": rng.integers(0, CLASSES, rows),
        "class column": rng.integers(0, CLASSES, (rows, 1)),
        "guesses": rng.integers(0, CLASSES, rows).astype(float),
        "binary": rng.integers(0, 2, (rows, 1)),
        "labels": rng.integers(0, 2, (rows, CLASSES)),
        "one hot": np.eye(CLASSES)[rng.integers(0, CLASSES, rows)],
        "scores": scores,
        "coarse scores": np.round(scores * 8) / 8,
        "many scores": rng.random((rows, CLASSES)),
        "shares": rng.dirichlet(np.ones(CLASSES), rows),
        "logits": 3 * rng.standard_normal((rows, 1)),
        "numbers": rng.standard_normal((rows, CLASSES)),
        "more numbers": rng.standard_normal((rows, CLASSES)),
    }[kind].astype(np.float32)
