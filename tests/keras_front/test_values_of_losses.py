"""Losses and metrics that scripts call on arrays give tensors, which have `numpy()`."""

from typing import Any

import numpy as np
import pytest

from hoiquy.keras import losses, metrics

Y, P = np.float32([[1, 0], [0, 1]]), np.float32([[0.8, 0.2], [0.4, 0.6]])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (losses.mean_absolute_error, [0.2, 0.4]),
        (metrics.mean_squared_error, [0.04, 0.16]),
        (metrics.categorical_accuracy, [1, 1]),
        (metrics.binary_accuracy, [1, 1]),
        (losses.MeanAbsoluteError(reduction="none"), [0.2, 0.4]),
        (losses.MeanAbsoluteError(), 0.3),
        (losses.CategoricalCrossentropy(), -np.log([0.8, 0.6]).mean()),
    ],
)
def test_values_are_tensors(function: Any, expected: Any) -> None:
    values = function(Y, P)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values.numpy(), expected, rtol=1e-5)
    assert values.numpy().shape == np.shape(expected)


def test_a_loss_is_formatted_as_a_number() -> None:
    loss = losses.MeanAbsoluteError()(Y, P)
    assert f"{loss:.2f} {float(loss):.1f}" == "0.30 0.3" and loss < 1


def test_a_metric_of_a_single_row() -> None:
    metric = metrics.CategoricalAccuracy()
    metric.update_state(np.float32([0, 1, 0]), np.float32([0.1, 0.8, 0.1]))
    metric.update_state(np.float32([0, 1, 0]), np.float32([0.8, 0.1, 0.1]))
    assert metric.result().numpy() == 0.5 and f"{metric.result():.1f}" == "0.5"
