"""The callbacks take the same decisions as those of real Keras on random series of values."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from callback_models import OneNumberModel, run_epochs
from numpy.random import Generator

from hoiquy.keras import callbacks

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore::UserWarning"),  # of missing values
    pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning"),  # of Keras itself
]


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def random_series(rng: Generator) -> list[dict[str, float]]:
    """Losses that fall, rise and stand still; sometimes NaN, sometimes equal."""
    steps = rng.normal(-0.02, 0.1, 14)
    losses = np.round(0.7 + np.cumsum(steps), int(rng.integers(1, 7)))
    if rng.random() < 0.15:
        losses[rng.integers(14)] = np.nan
    return [
        {"accuracy": float(1 - loss), "loss": float(loss), "val_loss": float(loss)}
        for loss in losses.astype(np.float32)
    ]


def run_one(callback: Any, model: Any, series: list[dict[str, float]]) -> int:
    callback.set_model(model)
    callback.set_params({"epochs": len(series), "steps": 1, "verbose": 0})
    return run_epochs(callback, model, series)


@pytest.mark.parametrize("seed", range(60))
def test_early_stopping(keras: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    arguments: dict[str, Any] = {
        "patience": int(rng.integers(0, 5)),
        "min_delta": float(rng.choice([0, 0, 0.01, 0.1])),
        "restore_best_weights": bool(rng.random() < 0.6),
        "start_from_epoch": int(rng.choice([0, 0, 3])),
        "baseline": float(rng.choice([0.5, 0.7])) if rng.random() < 0.3 else None,
        "monitor": str(rng.choice(["val_loss", "loss", "accuracy", "missing"])),
        "mode": "max" if rng.random() < 0.3 else "min",
    }
    series, found = random_series(rng), []
    for kind in (keras.callbacks.EarlyStopping, callbacks.EarlyStopping):
        callback, model = kind(**arguments), OneNumberModel()
        epochs = run_one(callback, model, series)
        state = (callback.stopped_epoch, callback.best_epoch, callback.wait)
        found.append((epochs, model.stop_training, model.weights, state))
        second = OneNumberModel()  # the same object again
        found[-1] += (run_one(callback, second, series[::-1]), second.weights)
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(60))
def test_reduce_lr_on_plateau(keras: Any, seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    arguments: dict[str, Any] = {
        "factor": float(rng.choice([0.1, 0.5, 0.9])),
        "patience": int(rng.integers(0, 4)),
        "min_delta": float(rng.choice([0, 1e-4, 0.05])),
        "cooldown": int(rng.integers(0, 4)),
        "min_lr": float(rng.choice([0, 1e-3])),
        "monitor": str(rng.choice(["val_loss", "accuracy"])),
        "mode": "max" if rng.random() < 0.3 else "min",
    }
    series, found = random_series(rng), []
    for kind in (keras.callbacks.ReduceLROnPlateau, callbacks.ReduceLROnPlateau):
        model: Any = OneNumberModel()
        model.optimizer = keras.optimizers.SGD(0.1)
        callback = kind(**arguments)
        callback.set_model(model)
        rates = []
        callback.on_train_begin()
        for epoch, logs in enumerate(series):
            shared = dict(logs)
            callback.on_epoch_end(epoch, shared)
            rates.append((shared["learning_rate"], float(model.optimizer.learning_rate)))
        found.append(rates)
    assert found[0] == found[1]


@pytest.mark.parametrize("takes_rate", [False, True])
def test_learning_rate_scheduler(keras: Any, takes_rate: bool) -> None:
    if takes_rate:
        schedule: Any = lambda epoch, rate: rate * 0.9 if epoch else rate  # noqa: E731
    else:
        schedule = lambda epoch: 0.1 / (epoch + 1)  # noqa: E731
    series, found = random_series(np.random.default_rng(0)), []
    for kind in (keras.callbacks.LearningRateScheduler, callbacks.LearningRateScheduler):
        model: Any = OneNumberModel()
        model.optimizer = keras.optimizers.SGD(0.1)
        callback, rates = kind(schedule), []
        callback.set_model(model)
        for epoch, logs in enumerate(series):
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, logs)
            rates.append((logs.pop("learning_rate"), float(model.optimizer.learning_rate)))
        found.append(rates)
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(40))
def test_model_checkpoint(keras: Any, seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(2000 + seed)
    weights_only = bool(rng.random() < 0.4)
    template = str(rng.choice(["best", "{epoch:02d}-{loss:.2f}", "{epoch}"]))
    every_batches = rng.random() < 0.3
    monitored = "loss" if every_batches else str(rng.choice(["loss", "val_loss", "accuracy"]))
    arguments: dict[str, Any] = {
        "filepath": tmp_path / (template + (".weights.h5" if weights_only else ".keras")),
        "monitor": monitored,
        "save_best_only": bool(rng.random() < 0.6),
        "save_weights_only": weights_only,
        "mode": "max" if rng.random() < 0.3 else "min",
        "save_freq": int(rng.integers(1, 9)) if every_batches else "epoch",
        "initial_value_threshold": 0.65 if rng.random() < 0.3 else None,
    }
    series, found = random_series(rng), []
    for kind in (keras.callbacks.ModelCheckpoint, callbacks.ModelCheckpoint):
        model, callback = OneNumberModel(), kind(**arguments)
        if every_batches:  # Keras knows the direction only after an epoch
            callback.set_model(model)
            getattr(callback, "_set_monitor_op", lambda: None)()
        callback.set_model(model)
        run_epochs(callback, model, series, steps=5)
        found.append(model.saved)
    assert found[0] == found[1]


def test_csv_logger(keras: Any, tmp_path: Path) -> None:
    series, texts = random_series(np.random.default_rng(1)), []
    without_validation = [{"loss": logs["loss"], "accuracy": 0.5} for logs in series]
    for part, kind in enumerate((keras.callbacks.CSVLogger, callbacks.CSVLogger)):
        path = tmp_path / f"{part}.csv"
        run_one(kind(path), OneNumberModel(), series)
        run_one(kind(path, append=True, separator=";"), OneNumberModel(), series)
        other = tmp_path / f"{part}-plain.csv"
        run_one(kind(other), OneNumberModel(), without_validation)
        texts.append((path.read_bytes(), other.read_bytes()))
    assert texts[0] == texts[1]


def test_history_in_a_callback_list(keras: Any) -> None:
    series, found = random_series(np.random.default_rng(2)), []
    for module in (keras.callbacks, callbacks):
        model: Any = OneNumberModel()
        model.optimizer = keras.optimizers.SGD(0.1)
        scheduler = module.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        together = module.CallbackList(
            [scheduler, module.EarlyStopping(patience=2)],
            add_history=True,
            model=model,
            epochs=14,
            steps=1,
            verbose=0,
        )
        run_epochs(together, model, [dict(reversed(logs.items())) for logs in series], steps=2)
        found.append((list(model.history.history.items()), model.history.epoch))
    assert found[0] == found[1]
