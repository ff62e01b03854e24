"""`import tensorflow as tf` gives versions, seeds, devices and switches without effect."""

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from hoiquy.errors import HoiquyError
from hoiquy.keras import seed
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.usage import IgnoredArgumentWarning
from imported_keras import import_hook


@pytest.fixture
def tf() -> Iterator[Any]:
    with import_hook():
        import tensorflow

        yield tensorflow


def test_versions(tf: Any) -> None:
    major, minor, patch = tf.__version__.split(".")
    assert (int(major), int(minor)) >= (2, 16)
    assert patch.isdecimal()
    assert tf.__version__ == tf.version.VERSION
    assert tf.keras.__version__.startswith("3.")


@pytest.mark.parametrize(
    "setter",
    [
        "random.set_seed",
        "set_random_seed",
        "random.set_random_seed",
        "compat.v1.set_random_seed",
        "compat.v1.random.set_random_seed",
        "compat.v2.random.set_seed",
    ],
)
def test_every_seed_is_that_of_the_engine(tf: Any, setter: str) -> None:
    seed.set_seed(11)
    expected = seed.next_seed()
    drawn = np.random.get_state()[1]  # noqa: NPY002 (the global state must not change)
    function = tf
    for part in setter.split("."):
        function = getattr(function, part)
    function(seed=11)
    assert seed.next_seed() == expected
    assert (np.random.get_state()[1] == drawn).all()  # noqa: NPY002


def test_devices(tf: Any) -> None:
    assert tf.config.list_physical_devices("GPU") == []
    assert tf.config.experimental.list_physical_devices("GPU") == []
    assert [one.device_type for one in tf.config.list_physical_devices()] == ["CPU"]
    assert [one.name for one in tf.config.list_logical_devices("CPU")] == ["/device:CPU:0"]
    assert tf.test.gpu_device_name() == ""
    assert not tf.test.is_gpu_available()
    assert not tf.test.is_built_with_cuda()
    from tensorflow.python.client import device_lib

    assert [one.device_type for one in device_lib.list_local_devices()] == ["CPU"]


def test_settings_of_devices_do_nothing(tf: Any) -> None:
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.experimental.set_memory_growth(processor, True)
    tf.config.set_visible_devices([], "GPU")
    limit = tf.config.LogicalDeviceConfiguration(memory_limit=1024)
    tf.config.set_logical_device_configuration(processor, [limit])
    tf.config.experimental.enable_op_determinism()
    tf.config.run_functions_eagerly(True)
    tf.config.optimizer.set_jit(True)
    with pytest.warns(IgnoredArgumentWarning, match="HOIQUY_THREADS"):
        tf.config.threading.set_intra_op_parallelism_threads(1)


def test_a_device_is_ignored_with_one_warning(tf: Any) -> None:
    with pytest.warns(IgnoredArgumentWarning, match="tf.device ignores device_name") as caught:  # noqa: SIM117
        with tf.device("/GPU:0"):
            pass
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with tf.device("/GPU:0"):
            pass


def test_log_levels(tf: Any) -> None:
    logger = logging.getLogger("tensorflow")
    before = logger.level
    tf.get_logger().setLevel("ERROR")
    assert logger.level == logging.ERROR
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.INFO)
    assert logger.level == tf.logging.get_verbosity() == logging.INFO
    tf.autograph.set_verbosity(0)
    logger.setLevel(before)


def test_decorators_return_the_function(tf: Any) -> None:
    @tf.function
    @tf.autograph.experimental.do_not_convert
    def one(x: int) -> int:
        return x + 1

    @tf.function(jit_compile=True)
    @tf.autograph.experimental.do_not_convert()
    def two(x: int) -> int:
        return x + 2

    assert (one(1), two(1)) == (2, 3)


def test_data_types(tf: Any) -> None:
    for name in ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool"):
        assert getattr(tf, name) == np.dtype(name)
        assert getattr(tf, name).name == name
    assert tf.string == "string"


def test_questions_have_true_answers(tf: Any) -> None:
    assert tf.executing_eagerly() is True
    assert tf.is_tensor(np.zeros(2)) is False


def test_strategies(tf: Any) -> None:
    with pytest.raises(ValueError, match="no TPU") as caught:
        tf.distribute.cluster_resolver.TPUClusterResolver()
    assert isinstance(caught.value, HoiquyError)
    for strategy in (tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["/gpu:0"])):
        with strategy.scope():
            assert strategy.num_replicas_in_sync == 1


def test_sessions_of_tensorflow_1_take_settings_and_compute_nothing(tf: Any) -> None:
    tf.compat.v1.disable_eager_execution()
    config = tf.compat.v1.ConfigProto(log_device_placement=True)
    config.gpu_options.allow_growth = True
    tf.reset_default_graph()
    with pytest.warns(IgnoredArgumentWarning, match="tf.Session ignores config"):
        session = tf.compat.v1.Session(config=config)
    with session as opened, tf.get_default_graph().as_default():
        assert opened.run([tf.global_variables_initializer()]) == [None]
        with pytest.raises(NotSupportedError, match="use predict"):
            opened.run("output")


def test_a_new_axis(tf: Any) -> None:
    assert tf.newaxis is None
    assert tf.constant([1, 2])[:, tf.newaxis].shape == (2, 1)
