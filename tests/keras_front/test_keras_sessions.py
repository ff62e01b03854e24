"""What scripts for TensorFlow 1 do with sessions and GPUs has no effect, and does not stop them."""

from pathlib import Path

import pytest

from hoiquy.keras.usage import IgnoredArgumentWarning
from imported_keras import import_hook, run_code


@pytest.mark.parametrize(
    "backend",
    [
        "from keras import backend as K",
        "from tensorflow.keras import backend as K",
        "import tensorflow as tf; K = tf.compat.v1.keras.backend",
        "from keras.backend import tensorflow_backend as K",
    ],
)
def test_a_session_with_options_is_set(tmp_path: Path, backend: str) -> None:
    lines = (
        "import tensorflow as tf",
        "config = tf.compat.v1.ConfigProto(log_device_placement=True)",
        "config.gpu_options.allow_growth = True",
        backend,
        "K.set_session(tf.compat.v1.Session(config=config))",
        "done = True",
    )
    with import_hook(), pytest.warns(IgnoredArgumentWarning, match="session"):
        assert run_code(tmp_path, "\n".join(lines))["done"]


def test_no_gpus_are_found(tmp_path: Path) -> None:
    text = "from keras import backend as K\nfound = K.tensorflow_backend._get_available_gpus()"
    with import_hook():
        assert run_code(tmp_path, text)["found"] == []
