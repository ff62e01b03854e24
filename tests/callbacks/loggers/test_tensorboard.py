"""Event files as TensorBoard reads them: the scalars, settings and figures of a training."""

import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

from hoiquy.callbacks.loggers.tensorboard import read_events
from hoiquy.errors import HoiquyError, StoppedError
from hoiquy.events import Event, StepFinished
from hoiquy.workflows.train import resume, train
from miniatures import miniature, random_dataset

pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")

RECIPE = miniature("bai3", "training.epochs=3")


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The curves of a folder by tag, its files read in the order of their names."""
    curves: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for file in sorted(folder.glob("events.out.tfevents.*")):
        for event in read_events(file):
            for value in event.summary.value:
                if value.WhichOneof("value") == "simple_value":
                    curves[value.tag].append((event.step, value.simple_value))
    return curves


def values(folder: Path) -> list[Any]:
    files = folder.glob("events.out.tfevents.*")
    return [v for file in files for event in read_events(file) for v in event.summary.value]


def stop_after(steps: int, event: Event) -> None:
    if isinstance(event, StepFinished) and 2 * (event.epoch - 1) + event.step == steps:
        raise StoppedError("")


def test_curves_are_those_of_the_history(tmp_path: Path) -> None:
    logs = tmp_path / "tb"
    run = train(random_dataset(), RECIPE, tmp_path / "gru", log=[f"tensorboard={logs}"])
    curves = scalars(logs / "gru")
    for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
        expected = [(record.epoch, getattr(record, name)) for record in run.history]
        assert curves[name] == [(epoch, pytest.approx(value)) for epoch, value in expected]
    assert [epoch for epoch, _ in curves["documents_per_second"]] == [1, 2, 3]
    assert all(speed > 0 for _, speed in curves["documents_per_second"])
    assert curves["test_accuracy"] == [(3, pytest.approx(run.result.test_accuracy))]


def test_settings_and_figures_are_there(tmp_path: Path) -> None:
    logs = tmp_path / "tb"
    run = train(random_dataset(), RECIPE, tmp_path / "gru", log=[f"tensorboard={logs}"])
    from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

    found = {value.tag: value for value in values(logs / "gru")}
    content = found["_hparams_/session_start_info"].metadata.plugin_data.content
    settings = HParamsPluginData.FromString(content).session_start_info.hparams
    assert settings["training.learning_rate"].number_value == RECIPE.training.learning_rate
    assert settings["model.layers.2.type"].string_value == "lstm"
    for name in ("accuracy", "loss"):
        pixels = matplotlib.image.imread(run.folder / "figures" / f"{name}.png")
        encoded = io.BytesIO(found[f"figures/{name}"].image.encoded_image_string)
        shown = matplotlib.image.imread(encoded)
        assert np.abs(shown - pixels[..., :3]).max() <= 1.5 / 255


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_resumed_it_goes_on_without_doubled_points(steps: int, tmp_path: Path) -> None:
    logs, out = tmp_path / "tb", tmp_path / "run"
    option = [f"tensorboard={logs}"]
    with pytest.raises(StoppedError):
        train(
            random_dataset(), RECIPE, out, on_event=lambda event: stop_after(steps, event),
            checkpoint_seconds=0, log=option,
        )  # fmt: skip
    run = resume(out, data=random_dataset(), log=option)
    assert [path.name for path in logs.iterdir()] == ["run"]
    assert len(list((logs / "run").glob("events.*"))) == 2
    expected = [(record.epoch, pytest.approx(record.val_loss)) for record in run.history]
    assert scalars(logs / "run")["val_loss"] == expected


def test_a_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    logs = tmp_path / "tb"
    train(random_dataset(), RECIPE, tmp_path / "run", log=[f"tensorboard={logs}"])
    (file,) = (logs / "run").glob("events.*")
    whole, content = list(read_events(file)), file.read_bytes()
    for length in (0, 5, 11, 12, 20, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:length])
        read = list(read_events(file))
        assert read == whole[: len(read)]
        assert len(read) < len(whole)


def test_two_runs_of_one_name_do_not_mix(tmp_path: Path) -> None:
    logs = tmp_path / "tb"
    one = train(random_dataset(), RECIPE, tmp_path / "a" / "gru", log=[f"tensorboard={logs}"])
    other = train(
        random_dataset(), RECIPE.with_settings(["training.seed=2"]), tmp_path / "b" / "gru",
        log=[f"tensorboard={logs}"],
    )  # fmt: skip
    assert sorted(path.name for path in logs.iterdir()) == ["gru", "gru-2"]
    for run, name in ((one, "gru"), (other, "gru-2")):
        expected = [(record.epoch, pytest.approx(record.loss)) for record in run.history]
        assert scalars(logs / name)["loss"] == expected


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # file left open
def test_a_full_disk_ends_the_log_and_not_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The event file goes to a device that is always full."""
    from tensorboardX import record_writer

    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    monkeypatch.setattr(record_writer, "open_file", lambda path: full.open("wb", buffering=0))
    log = [f"tensorboard={tmp_path / 'tb'}"]
    run = train(random_dataset(), RECIPE, tmp_path / "run", log=log, quiet=True)
    assert run.result.status == "complete"
    (line,) = capsys.readouterr().err.splitlines()
    assert "switched off" in line
    assert "No space left on device" in line


def test_a_place_that_is_a_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "tb").write_text("")
    with pytest.raises(HoiquyError, match="tb"):
        train(random_dataset(), RECIPE, tmp_path / "run", log=[f"tensorboard={tmp_path / 'tb'}"])
    assert not (tmp_path / "run").exists()
