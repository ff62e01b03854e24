"""`save_weights` to a path without an ending, as TensorFlow's checkpoints are used."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras.errors import KerasError
from imported_keras import import_hook, run_code


def dense_model() -> Any:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])


def test_weights_come_back_by_the_same_path(tmp_path: Path) -> None:
    model, other = dense_model(), dense_model()
    model.save_weights(tmp_path / "ckpt" / "w")
    other.load_weights(tmp_path / "ckpt" / "w").expect_partial()
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


def test_the_latest_checkpoint_of_a_training(tmp_path: Path) -> None:
    with import_hook():
        found = run_code(tmp_path, f"""
import os
import numpy as np
import tensorflow as tf
from tensorflow.keras.callbacks import ModelCheckpoint

path = {str(tmp_path)!r} + "/training/cp-{{epoch:04d}}.ckpt"
folder = os.path.dirname(path)
before = tf.train.latest_checkpoint(folder)
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(4,))])
model.compile("adam", "mse")
save = ModelCheckpoint(path, save_weights_only=True, verbose=0)
model.fit(np.ones((8, 4)), np.ones(8), epochs=3, verbose=0, callbacks=[save])
latest = tf.train.latest_checkpoint(folder)
kept = model.get_weights()
model.set_weights([w * 0 for w in kept])
model.load_weights(latest)
loaded = model.get_weights()
""")  # fmt: skip
    assert found["before"] is None
    assert found["latest"].endswith("cp-0003.ckpt")
    np.testing.assert_array_equal(found["loaded"][0], found["kept"][0])


def test_a_checkpoint_of_tensorflow_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "w.index").write_bytes(b"\0\0")
    with pytest.raises(KerasError, match=r"TensorFlow checkpoint.*model.save\('model.keras'\)"):
        dense_model().load_weights(tmp_path / "w")
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "gone"\n')
    from hoiquy.keras.saving.latest import latest_checkpoint

    assert latest_checkpoint(tmp_path) is None


def test_a_name_of_old_scripts_with_numbers(tmp_path: Path) -> None:
    model = dense_model()
    model.compile("sgd", "mse", metrics=["acc"])
    path = tmp_path / "weights-{epoch:02d}-{val_loss:.2f}-{val_acc:.1f}.hdf5"
    save = keras.callbacks.ModelCheckpoint(str(path), save_best_only=True, period=1)
    x, y = np.ones((8, 4)), np.full(8, 3.0)
    model.fit(x, y, epochs=2, validation_split=0.5, verbose=0, callbacks=[save])
    files = sorted(tmp_path.glob("weights-*.hdf5"))
    assert [file.name[:10] for file in files] == ["weights-01", "weights-02"]
    loaded = keras.models.load_model(files[-1])
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
