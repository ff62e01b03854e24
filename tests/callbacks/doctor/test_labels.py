"""Labels that look wrong: only where the network deserves trust."""

import numpy as np

from hoiquy.callbacks.doctor.labels import doubtful_labels
from hoiquy.runs.diagnostic import Diagnostic


def found(documents: int, wrong: int, confidence: float) -> list[Diagnostic]:
    """So many equally confident answers, of which the last are wrong."""
    labels = np.zeros(documents, np.int32)
    labels[documents - wrong :] = 1
    outputs = np.tile(np.array([[confidence, 1 - confidence]], np.float32), (documents, 1))
    return list(doubtful_labels(labels, outputs))


def test_a_few_wrong_among_many_that_are_right() -> None:
    (diagnostic,) = found(1000, 7, confidence=0.999)
    assert diagnostic.severity == "note"
    assert diagnostic.values == {
        "documents": 7, "confidence": 0.98, "confident": 1000, "rows": "993, 994, 995, 996, 997",
    }  # fmt: skip


def test_no_more_than_the_confidence_itself_foresees() -> None:
    assert found(1000, 15, confidence=0.99) == []  # ten are foreseen
    assert len(found(1000, 25, confidence=0.99)) == 1


def test_a_network_that_is_often_wrong_is_not_to_be_trusted() -> None:
    assert found(1000, 150, confidence=0.999) == []


def test_one_or_two_may_be_anything() -> None:
    assert found(1000, 2, confidence=0.999) == []


def test_who_is_not_sure_says_nothing_about_labels() -> None:
    assert found(1000, 50, confidence=0.97) == []
