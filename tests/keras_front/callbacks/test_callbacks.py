"""Callbacks: old names, templates, backups, errors, and what fit does with them."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from callback_models import OneNumberModel, run_epochs

import hoiquy.keras as keras
from hoiquy.keras import callbacks, stale_names
from hoiquy.keras.errors import KerasError

LOGS = [{"accuracy": 0.5 + 0.1 * i, "loss": 0.7 - 0.1 * i, "val_loss": 0.8} for i in range(4)]


@pytest.fixture(autouse=True)
def no_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stale_names, "_noted", set())


def dense_model() -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "mse", metrics=["accuracy"])
    return model


def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.random((64, 3), np.float32), rng.integers(0, 2, 64)


@pytest.mark.parametrize("monitor", ["acc", "accuracy"])
def test_old_names_of_metrics_are_found(monitor: str, capsys: pytest.CaptureFixture[str]) -> None:
    metric = keras.metrics.BinaryAccuracy(name="accuracy")
    model = OneNumberModel(metrics=(metric,))
    stopping = callbacks.EarlyStopping(monitor, patience=1, restore_best_weights=True)
    stopping.set_model(model)
    assert run_epochs(stopping, model, LOGS) == 4  # the accuracy rises
    assert stopping.best_epoch == 3
    notes = capsys.readouterr().err.splitlines()
    assert len(notes) == (1 if monitor == "acc" else 0)


def test_the_history_finds_old_names() -> None:
    history = dense_model().fit(*data(), epochs=2, verbose=0, validation_split=0.25).history
    assert list(history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert history["acc"] == history["accuracy"]
    assert history["val_acc"] == history["val_accuracy"]
    with pytest.raises(KeyError):
        history["val_f1"]


def test_an_unknown_direction_is_refused_and_a_missing_value_warned() -> None:
    stopping = callbacks.EarlyStopping("val_f1")
    stopping.set_model(OneNumberModel())
    with pytest.raises(KerasError, match=r"mode='max' or mode='min'"):
        stopping.on_epoch_end(0, LOGS[0])
    stopping = callbacks.EarlyStopping("val_f1", mode="max")
    stopping.set_model(OneNumberModel())
    with pytest.warns(UserWarning, match="'val_f1'.*accuracy, loss, val_loss"):
        stopping.on_epoch_end(0, LOGS[0])


def test_paths_of_checkpoints(tmp_path: Path) -> None:
    model = OneNumberModel()
    every_second = callbacks.ModelCheckpoint(str(tmp_path / "{epoch:02d}-{acc:.1f}.hdf5"), period=2)
    every_second.set_model(model)
    run_epochs(every_second, model, LOGS)
    assert [Path(path).name for path in model.saved] == ["02-0.6.hdf5", "04-0.8.hdf5"]
    for template, words in (("{f1}.keras", "f1.*accuracy"), ("{epoch:q}.keras", "path")):
        checkpoint = callbacks.ModelCheckpoint(template)
        checkpoint.set_model(model)
        with pytest.raises(KerasError, match=words):
            checkpoint.on_epoch_end(0, LOGS[0])
    for arguments in ({"save_freq": "batch"}, {"save_freq": 0}, {"epochs": 3}, {"period": 0.5}):
        with pytest.raises(KerasError):
            callbacks.ModelCheckpoint("m.keras", **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["best.keras", "best.h5", "best.weights.h5"])
def test_the_best_model_is_saved(name: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)  # with which the last epoch is the best
    model, (x, y) = dense_model(), data()
    weights_only = "weights" in name
    path = tmp_path / "folder" / name
    checkpoint = callbacks.ModelCheckpoint(
        path, monitor="loss", save_best_only=True, save_weights_only=weights_only
    )
    model.fit(x, y, epochs=3, verbose=0, callbacks=checkpoint)
    expected = model.predict(x, verbose=0)
    if weights_only:
        model = dense_model()
        model.load_weights(path)
    else:
        model = keras.models.load_model(path)
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)


def test_learning_rates_change_during_fit() -> None:
    model = dense_model()
    history = model.fit(
        *data(), epochs=4, verbose=0,
        callbacks=[
            callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5),
            callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: logs.update(seen=float(model.optimizer.lr))
            ),
        ],
    ).history  # fmt: skip
    assert history["lr"] == history["learning_rate"] == history["seen"]
    assert history["lr"] == pytest.approx([0.005, 0.0025, 0.00125, 0.000625])
    assert float(model.optimizer.nn.rate) == pytest.approx(0.000625)


class Interrupting(callbacks.Callback):
    """Raises KeyboardInterrupt in an epoch, as Ctrl-C does; also has no __init__ of its own."""

    def __init__(self, epoch: int) -> None:
        self.epoch, self.seen = epoch, []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(epoch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.seen[-1] == self.epoch:
            raise KeyboardInterrupt


def test_an_interrupted_fit_leaves_the_model_and_goes_on_from_its_backup(tmp_path: Path) -> None:
    x, y = data()
    model = dense_model()
    start = model.get_weights()
    backup = callbacks.BackupAndRestore(tmp_path / "backup")
    arguments: dict[str, Any] = {"epochs": 4, "verbose": 0, "shuffle": False}
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, callbacks=[backup, Interrupting(2)], **arguments)
    assert model.predict(x, verbose=0).shape == (64, 1)
    written = json.loads((tmp_path / "backup" / "training_metadata.json").read_text())
    assert written == {"epoch": 2}
    again, straight = dense_model(), dense_model()
    history = again.fit(x, y, callbacks=callbacks.BackupAndRestore(tmp_path / "backup"),
                        **arguments)  # fmt: skip
    straight.set_weights(start)
    expected = straight.fit(x, y, **arguments).history
    assert history.epoch == [2, 3]
    assert history.history["loss"] == expected["loss"][2:]
    assert not (tmp_path / "backup").exists()


def test_a_bar_on_a_terminal_ends_its_line_after_an_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(KeyboardInterrupt):
        dense_model().fit(*data(), epochs=2, callbacks=Interrupting(1))
    text = capsys.readouterr().out
    assert text.startswith("Epoch 1/2\n") and text.endswith("\n")
    assert "\r" in text and "━" in text


def test_lines_in_a_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)  # of another test: a notebook
    model, (x, y) = dense_model(), data()
    model.fit(x, y, epochs=2, validation_data=(x, y))
    first, bar, *_ = capsys.readouterr().out.splitlines()
    assert first == "Epoch 1/2"
    assert "\x1b" not in bar and bar.startswith("2/2 ━━━━━━━━━━━━━━━━━━━━ ")
    parts = bar.split(" - ")
    assert [part.split(":")[0] for part in parts[1:]] == [
        "accuracy", "loss", "val_accuracy", "val_loss"
    ]  # fmt: skip
    assert parts[0].endswith("/step")
    model.evaluate(x, y, verbose=2)
    assert re.match(r"2/2 - \d+s - ", capsys.readouterr().out)
    model.fit(x, y, verbose=0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (callbacks.EarlyStopping, r"create the callback: EarlyStopping\(...\)"),
        ([lambda epoch: None], "is not a callback"),
        (["EarlyStopping"], "is not a callback"),
    ],
)
def test_what_is_no_callback_is_refused(given: Any, words: str) -> None:
    with pytest.raises(KerasError, match=words):
        dense_model().fit(*data(), verbose=0, callbacks=given)


def test_nan_stops_training() -> None:
    model = OneNumberModel()
    stop = callbacks.TerminateOnNaN()
    stop.set_model(model)
    stop.on_train_batch_end(0, {"loss": 0.5})
    assert not model.stop_training
    stop.on_train_batch_end(1, {"loss": float("nan")})
    assert model.stop_training
    with pytest.raises(KerasError, match="batch 3: the loss is inf"):
        callbacks.TerminateOnNaN(raise_error=True).on_batch_end(3, {"loss": float("inf")})


def test_tensorboard_writes_what_it_can_read(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    from hoiquy.callbacks.loggers.event_file import read_events

    dense_model().fit(*data(), epochs=2, verbose=0, validation_split=0.5,
                      callbacks=callbacks.TensorBoard(tmp_path))  # fmt: skip
    for part in ("train", "validation"):
        (file,) = (tmp_path / part).iterdir()
        values = [v.tag for event in read_events(file) for v in event.summary.value]
        assert values == ["epoch_accuracy", "epoch_loss"] * 2
