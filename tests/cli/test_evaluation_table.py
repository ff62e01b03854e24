"""The tables of `hoiquy evaluate` with more classes than the films have."""

import numpy as np
import pytest

from hoiquy.cli.evaluation_table import print_evaluation
from hoiquy.messages import text
from hoiquy.nn.metrics import evaluate


def test_names_of_classes_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    evaluation = evaluate([0, 1, 1, 2], np.eye(3)[[0, 1, 0, 1]])
    print_evaluation(evaluation, 0.5, ["[bold]", "thể thao", "[/red]"], "vi")
    shown = capsys.readouterr().out
    assert "[bold]" in shown
    assert "thể thao" in shown
    assert "[/red]" in shown


def test_a_class_without_documents_has_no_auc(capsys: pytest.CaptureFixture[str]) -> None:
    print_evaluation(evaluate([0, 0], [[1, 0], [0.2, 0.6]]), 0.5, ["neg", "pos"], "en")
    assert "undefined: a class has no document" in capsys.readouterr().out


def test_a_hundred_classes_are_too_many_for_a_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    evaluation = evaluate(np.arange(100), np.eye(100))
    print_evaluation(evaluation, 0.0, [f"class {k}" for k in range(100)], "en")
    shown = capsys.readouterr().out
    assert "class 99" in shown
    assert "of 100 classes is too wide" in shown
    assert text("evaluation.label_and_answer", "en") not in shown
