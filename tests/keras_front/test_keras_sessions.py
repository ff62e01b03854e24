"""What scripts for TensorFlow 1 do with sessions and GPUs has no effect, and does not stop them."""

from pathlib import Path

import numpy as np
import pytest

from hoiquy.keras.errors import NotSupportedError
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


@pytest.mark.parametrize(
    "opened", ["tf.InteractiveSession()", "tf.compat.v1.Session()", "K.get_session()"]
)
def test_values_of_tensors_and_weights_in_a_session(tmp_path: Path, opened: str) -> None:
    lines = (
        "import numpy as np, tensorflow as tf",
        "from keras import backend as K",
        "from keras.layers import Dense",
        "from keras.models import Sequential",
        "model = Sequential([Dense(2, input_shape=(3,))])",
        "pred = model.predict(np.eye(3), verbose=0)",
        f"sess = {opened}",
        "sess.run(tf.compat.v1.global_variables_initializer())",
        "best = tf.argmax(pred, axis=1)",
        "with sess.as_default(): evaluated = best.eval()",
        "again = best.eval(session=sess)",
        "ran, both = sess.run(best), sess.run({'best': best, 'kernel': model.weights[0]})",
        "kernel = model.layers[0].kernel.eval(sess)",
        "one = sess.run(tf.reduce_sum(pred))",
    )
    with import_hook():
        found = run_code(tmp_path, "\n".join(lines))
    expected = found["pred"].argmax(1)
    for each in (found["evaluated"], found["again"], found["ran"], found["both"]["best"]):
        assert type(each) is np.ndarray
        np.testing.assert_array_equal(each, expected)
    np.testing.assert_array_equal(found["kernel"], found["both"]["kernel"])
    np.testing.assert_array_equal(found["kernel"], found["model"].get_weights()[0])
    assert found["one"] == pytest.approx(found["pred"].sum(), rel=1e-6)


def test_symbolic_tensors_have_no_values_in_a_session(tmp_path: Path) -> None:
    lines = (
        "import tensorflow as tf",
        "from keras.layers import Dense, Input",
        "tf.compat.v1.Session().run(Dense(1)(Input((2,))))",
    )
    with import_hook(), pytest.raises(NotSupportedError, match=r"Session\.run .* use predict"):
        run_code(tmp_path, "\n".join(lines))
