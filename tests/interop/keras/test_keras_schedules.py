"""Learning rates, early stopping and clipping: what Keras' own do."""

import math

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from epoch_records import records
from hoiquy.nn.optimizers import clip_by_global_norm
from hoiquy.recipe.training import EarlyStopping
from hoiquy.training.early_stopping import best_epoch, stops_early
from learning_rates import RATE, rate_at, scheduled


def test_exponential_as_keras() -> None:
    recipe = scheduled("type=exponential", "decay_rate=0.7")
    theirs = keras.optimizers.schedules.ExponentialDecay(RATE, decay_steps=10, decay_rate=0.7)
    for step in range(80):
        assert rate_at(recipe, step / 10) == pytest.approx(float(theirs(step)), rel=1e-5)


@pytest.mark.parametrize("warmup", [0, 2])
def test_cosine_as_keras(warmup: int) -> None:
    recipe = scheduled("type=cosine", f"warmup_epochs={warmup}", "final_fraction=0.1")
    theirs = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else RATE, (8 - warmup) * 10, alpha=0.1,
        warmup_target=RATE if warmup else None, warmup_steps=warmup * 10,
    )  # fmt: skip
    for step in range(81):
        expected = float(theirs(step))
        assert rate_at(recipe, step / 10) == pytest.approx(expected, rel=1e-5, abs=1e-9)


# With min_delta 0.1 or 1e-4, and in float32, many of these are exact ties. None is a subnormal
# number of float32, which XLA takes for 0.
LOSSES = [
    0.5, 0.4, 0.4 + 1e-9, 0.39995, 0.3999, 0.30000001, 0.3, 0.2, 0.1, 0.0, math.nan, math.inf,
]  # fmt: skip
losses = st.lists(st.sampled_from(LOSSES) | st.floats(1e-30, 1), max_size=12)
deltas = st.sampled_from([0.0, 1e-4, 0.06, 0.1]) | st.floats(1e-30, 0.2)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@settings(deadline=None, max_examples=100)
@given(losses, st.integers(0, 3), st.sampled_from([0.0, RATE / 5]), deltas)
@example([0.5, 0.4], 1, 0.0, 0.1)
@example([math.inf, math.inf, 0.5], 2, 0.0, 0.0)
@example([math.nan, 0.5, 0.5], 2, 0.0, 0.0)
def test_plateau_as_keras(
    val_losses: list[float], patience: int, least: float, min_delta: float
) -> None:
    recipe = scheduled(
        "type=plateau", "factor=0.5", f"patience={patience}", f"min_learning_rate={least}",
        f"min_delta={min_delta!r}",
    )  # fmt: skip
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(RATE), loss="mse")
    theirs = keras.callbacks.ReduceLROnPlateau(
        factor=0.5, patience=patience, min_lr=least, min_delta=min_delta
    )
    theirs.set_model(model)
    theirs.on_train_begin()
    for at, loss in enumerate(val_losses, 1):
        theirs.on_epoch_end(at - 1, {"val_loss": loss})
        expected = float(model.optimizer.learning_rate)
        assert rate_at(recipe, at, val_losses[:at]) == pytest.approx(expected, rel=1e-5)


def test_gradients_are_clipped_as_keras_does() -> None:
    rng = np.random.default_rng(1)
    gradients = {name: rng.standard_normal((7, 3)).astype(np.float32) for name in "cab"}
    norm = math.sqrt(sum(float((g.astype(float) ** 2).sum()) for g in gradients.values()))
    unchanged = {name: gradient.copy() for name, gradient in gradients.items()}
    clip_by_global_norm(unchanged, norm * 1.01)
    optimizer = keras.optimizers.Adam(global_clipnorm=norm / 3)
    theirs = optimizer._clip_gradients([keras.ops.convert_to_tensor(g) for g in gradients.values()])
    clipped = {name: gradient.copy() for name, gradient in gradients.items()}
    clip_by_global_norm(clipped, norm / 3)
    for (name, gradient), expected in zip(gradients.items(), theirs, strict=True):
        np.testing.assert_array_equal(unchanged[name], gradient)
        np.testing.assert_allclose(clipped[name], np.asarray(expected), rtol=1e-5)


@settings(deadline=None, max_examples=200)
@given(losses.filter(len), st.integers(0, 4), deltas, st.booleans())
@example([0.4, 0.3], 1, 0.1, True)  # 0.4 - 0.1 > 0.3 is true of doubles, 0.3 + 0.1 < 0.4 is not
@example([0.5, 0.4], 0, 0.0, True)
@example([math.nan, 0.5, 0.4], 2, 0.0, True)
def test_it_decides_as_keras_does(
    losses: list[float], patience: int, min_delta: float, by_loss: bool
) -> None:
    monitor = "val_loss" if by_loss else "val_accuracy"
    history = records(losses)
    theirs = keras.callbacks.EarlyStopping(
        monitor=monitor, min_delta=min_delta, patience=patience, mode="min" if by_loss else "max",
        restore_best_weights=True,
    )  # fmt: skip
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    theirs.set_model(model)
    theirs.on_train_begin()
    model.stop_training = False
    ours = EarlyStopping(monitor=monitor, min_delta=min_delta, patience=patience)
    for at, record in enumerate(history, 1):
        model.set_weights([np.full((1, 1), at), np.zeros(1)])
        theirs.on_epoch_end(at - 1, {monitor: getattr(record, monitor)})
        assert stops_early(history[:at], ours) == bool(model.stop_training)
        assert best_epoch(history[:at], ours) == theirs.best_epoch + 1 == theirs.best_weights[0]
        if model.stop_training:
            break
