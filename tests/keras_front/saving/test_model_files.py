"""Saving and loading without Keras: bytes, refused files, and what stays as it was."""

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from saved_models_keras import BUILDERS, data

import hoiquy.keras as keras
from hoiquy.errors import HoiquyError
from hoiquy.keras import saving
from hoiquy.keras.errors import KerasError, NotSupportedError


def dense_model(units: int = 3, name: str = "model") -> Any:
    layers = [keras.Input((4,)), keras.layers.Dense(units, name="a"), keras.layers.Dense(1)]
    return keras.Sequential(layers, name=name)


def changed_config(path: Path, change: Any) -> Path:
    """The file with another config.json."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    other = path.with_name("changed.keras")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return other


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    dense_model().save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def test_the_format_behind_another_ending_is_printed_once_for_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, path = dense_model(), tmp_path / "training" / "cp.ckpt"
    for _ in range(3):
        model.save_weights(path)
    assert capsys.readouterr().err.count(f"{path} gets the format of .weights.h5 files") == 1


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.hdf5", "folder/without_ending"])
def test_a_compiled_model_comes_back(name: str, tmp_path: Path) -> None:
    model = BUILDERS["nested"](keras)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 5, 0.9)
    model.compile(
        keras.optimizers.RMSprop(schedule, momentum=0.5),
        keras.losses.SparseCategoricalCrossentropy(ignore_class=None),
        metrics=["acc", keras.metrics.SparseTopKCategoricalAccuracy(k=1)],
    )
    x, y = data("nested")
    model.fit(x, y, verbose=0, shuffle=False)
    model.save(tmp_path / name)
    loaded = saving.load_model(tmp_path / name)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    arguments: dict[str, Any] = {"epochs": 2, "verbose": 0, "shuffle": False, "batch_size": 5}
    assert loaded.fit(x, y, **arguments).history == model.fit(x, y, **arguments).history
    assert not saving.load_model(tmp_path / name, compile=False).compiled


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    model = dense_model()
    for ending in (".keras", ".h5", ".weights.h5"):
        for name in ("a", "b"):
            (model.save_weights if "weights" in ending else model.save)(tmp_path / (name + ending))
        first, second = ((tmp_path / (name + ending)).read_bytes() for name in ("a", "b"))
        assert first == second


def test_initializers_survive(saved: Path, tmp_path: Path) -> None:
    model = keras.Sequential([
        keras.Input((4,)), keras.layers.Dense(3, kernel_initializer=keras.initializers.HeNormal(7))
    ])  # fmt: skip
    model.save(tmp_path / "i.keras")
    config = saving.load_model(tmp_path / "i.keras").layers[0].get_config()
    assert config["kernel_initializer"]["class_name"] == "HeNormal"
    assert config["kernel_initializer"]["config"]["seed"] == 7


def test_weights_by_name(tmp_path: Path) -> None:
    model, other = dense_model(), dense_model()
    model.save_weights(tmp_path / "w.h5")
    before = other.layers[1].get_weights()
    other.load_weights(tmp_path / "w.h5", by_name=True)
    np.testing.assert_array_equal(other.layers[0].get_weights()[0], model.layers[0].kernel)
    np.testing.assert_array_equal(other.layers[1].get_weights()[0], before[0])


@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_weights_of_another_model_are_refused(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"w{ending}"
    source = dense_model(units=5)
    (source.save if ending == ".keras" else source.save_weights)(path)
    model = dense_model()
    before = model.get_weights()
    with pytest.raises(KerasError, match=r"shape \(4, 5\), expected \(4, 3\)"):
        model.load_weights(path)
    deeper = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5)])
    with pytest.raises(KerasError, match="layer"):
        deeper.load_weights(path)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_errors_name_the_file_and_the_way_out(saved: Path, tmp_path: Path) -> None:
    weights = tmp_path / "only.weights.h5"
    dense_model().save_weights(weights)
    (tmp_path / "text.keras").write_text("hello")
    (tmp_path / "folder").mkdir()
    for path, words in (
        (tmp_path / "absent.keras", "does not exist"),
        (weights, "weights only"),
        (tmp_path / "text.keras", "not a .keras file"),
        (tmp_path / "folder", "is a folder"),
    ):
        with pytest.raises(ValueError, match=words) as caught:
            saving.load_model(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(KerasError, match="overwrite=True"):
        dense_model().save(saved, overwrite=False)


def test_configurations_are_not_trusted(saved: Path) -> None:
    def units(config: Any) -> None:
        config["config"]["layers"][1]["config"]["units"] = 10**9

    def code(config: Any) -> None:
        config["config"]["layers"][1]["class_name"] = "Lambda"

    def loss(config: Any) -> None:
        config["compile_config"] = {"optimizer": "adam", "loss": "my_loss"}

    with pytest.raises(KerasError, match="larger than the weights"):
        saving.load_model(changed_config(saved, units))
    with pytest.raises(NotSupportedError, match="Lambda"):
        saving.load_model(changed_config(saved, code))
    path = changed_config(saved, loss)
    with pytest.raises(KerasError, match=r"my_loss.*compile=False"):
        saving.load_model(path)
    assert saving.load_model(path, compile=False).count_params() == 19


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_truncated_and_damaged_files_are_refused_in_one_line(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"m{ending}"
    model = dense_model()
    model.compile("adam", "mse")
    model.save(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    for trial in range(120):
        content = bytearray(whole)
        if trial % 2:
            del content[int(rng.integers(len(content))) :]
        else:
            for at in rng.integers(0, len(content), 6):
                content[at] = rng.integers(256)
        path.write_bytes(bytes(content))
        try:
            saving.load_model(path)
        except HoiquyError as error:
            assert "\n" not in str(error) and isinstance(
                error, ValueError | TypeError | NotImplementedError
            )


def test_an_array_in_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    dense_model().save_weights(path)
    np.zeros(12, "<f4").tofile(tmp_path / "other.bin")
    with h5py.File(path, "r+") as file:
        del file["layers/dense/vars/0"]
        outside = [(str(tmp_path / "other.bin"), 0, 48)]
        file.create_dataset("layers/dense/vars/0", (4, 3), "<f4", external=outside)
    with pytest.raises(KerasError, match="not a plain"):
        dense_model().load_weights(path)


def test_an_interrupted_save_leaves_the_old_file(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hoiquy.system.atomic_write._sync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dense_model().save(saved)
    monkeypatch.undo()
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["model.keras"]
