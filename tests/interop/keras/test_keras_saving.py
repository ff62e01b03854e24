"""Errors for files that are not `.keras` files say what they are and how to convert them."""

from pathlib import Path

import h5py
import keras
import pytest
from test_keras_import import embedding, two

from hoiquy.errors import InputError
from hoiquy.interop.keras.import_run import import_keras

L = keras.layers


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        import_keras(path, path.parent / "run")
    assert not (path.parent / "run").exists()
    assert "\n" not in str(caught.value) and str(caught.value).startswith(str(path))
    return str(caught.value)


def model() -> keras.Sequential:
    return keras.Sequential([keras.Input((6,)), embedding(), L.LSTM(2), two()])


def test_weights_alone_must_be_loaded_into_the_model(tmp_path: Path) -> None:
    path = tmp_path / "mine.weights.h5"
    model().save_weights(path)
    assert (
        f"weights only, not the layers: in the program that built the model, call "
        f"model.load_weights('{path}') and then model.save('model.keras')" in refusal(path)
    )
    # the same under another name, as Keras 2 allowed it
    assert "weights only" in refusal(path.rename(tmp_path / "mine.h5"))


@pytest.mark.filterwarnings("ignore")
def test_a_whole_model_in_hdf5_is_loaded_and_saved_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.h5"
    model().save(path)
    said = refusal(path)
    assert f"keras.models.load_model('{path}', compile=False).save('model.keras')" in said
    # and that works
    keras.models.load_model(path, compile=False).save(tmp_path / "model.keras")
    (tmp_path / "words.txt").write_text("a\nb")
    import_keras(tmp_path / "model.keras", tmp_path / "r", vocabulary=tmp_path / "words.txt")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["saved_model.pb", "keras_metadata.pb"], "pip install tf_keras, call tf_keras.models"),
        (["saved_model.pb", "fingerprint.pb"], "model.save('model.keras') instead of model.export"),
        (["config.json", "model.weights.h5"], "saved with zipped=False: call keras.saving.load"),
        ([], "is a folder: expected a .keras file, from model.save('model.keras')"),
    ],
)
def test_each_kind_of_folder_has_a_way_out(files: list[str], said: str, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in files:
        (folder / name).write_bytes(b"")
    assert said in refusal(folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ckpt.index", "ckpt') and then model.save"),
        ("ckpt.data-00000-of-00001", "checkpoint, which holds weights only"),
        ("checkpoint", "call model.load_weights(tf.train.latest_checkpoint('"),
        ("mine.keras", "is not a .keras file, which is a zip archive"),
    ],
)
def test_other_files_are_named(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x00\x01")
    assert said in refusal(path)


def test_an_hdf5_file_of_something_else_holds_no_layers(tmp_path: Path) -> None:
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["numbers"] = [1, 2, 3]
    assert "weights only" in refusal(path)
