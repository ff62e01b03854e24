"""The small figures of the page: scales with round ticks, a reliability diagram in its frame."""

import math

import numpy as np
import pytest

from hoiquy.nn.metrics import CalibrationBin, evaluate
from hoiquy.report.page.answers import confusion_cells
from hoiquy.report.page.calibration import BOTTOM, LEFT, RIGHT, TOP, draw_calibration
from hoiquy.report.page.scale import MARGIN, WIDTH, Plot, round_step, scale_of


@pytest.mark.parametrize("low", [-0.41, -0.003, 0.0, 0.479, 0.87])
@pytest.mark.parametrize("span", [0.0, 0.004, 0.02, 0.11, 0.5])
def test_a_scale_holds_its_plots_between_round_ticks(low: float, span: float) -> None:
    scale = scale_of([Plot(low + span / 2, low, low + span)], least_span=0.02)
    assert scale is not None
    assert scale.low <= low + 1e-9
    assert scale.high >= low + span - 1e-9
    assert 2 <= len(scale.ticks) <= 6
    assert MARGIN == scale.x(scale.ticks[0]) < scale.x(scale.ticks[-1]) == WIDTH - MARGIN
    written = {f"{100 * tick:.{scale.decimals}f}" for tick in scale.ticks}
    assert len(written) == len(scale.ticks)
    assert all(math.isclose(float(w), round(float(w), scale.decimals)) for w in written)


def test_there_is_no_scale_of_nothing() -> None:
    assert scale_of([], 0.1) is None
    assert scale_of([Plot(math.nan)], 0.1) is None


def test_steps_are_round() -> None:
    assert round_step(0.09, most=4) == pytest.approx(0.05)
    assert round_step(40, most=4) == 10
    assert round_step(41, most=4) == 20


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_reliability_diagram_stays_within_its_frame(classes: int) -> None:
    rng = np.random.default_rng(classes)
    evaluation = evaluate(rng.integers(0, classes, 400), rng.random((400, classes)))
    drawing = draw_calibration(evaluation.reliability, classes)
    assert len(drawing.dots) == len(evaluation.reliability)
    for dot in drawing.dots:
        assert LEFT <= dot.x <= RIGHT
        assert TOP <= dot.y <= BOTTOM
        assert dot.bar_y + dot.bar_height == pytest.approx(BOTTOM, abs=0.11)
    assert all(LEFT <= tick.at <= RIGHT for tick in drawing.x_ticks)
    assert drawing.x_ticks[-1].value == drawing.y_ticks[-1].value == 1


def test_a_dot_above_the_diagonal_is_right_more_often_than_it_believes() -> None:
    one = CalibrationBin(low=0.7, high=0.75, confidence=0.72, accuracy=0.9, documents=10)
    (dot,) = draw_calibration([one], 2).dots
    assert dot.y < dot.ideal  # y points down


def test_confusion_cells_are_shares_of_a_row() -> None:
    labels = [0, 0, 0, 0, 1]
    answers = np.eye(2)[[0, 0, 0, 1, 1]]
    (first, second) = confusion_cells(evaluate(labels, answers))
    assert [(cell.documents, cell.share, cell.correct) for cell in first] == [
        (3, 0.75, True), (1, 0.25, False),
    ]  # fmt: skip
    assert [cell.shade for cell in second] == [0, 10]
