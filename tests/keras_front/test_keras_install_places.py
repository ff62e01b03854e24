"""Where the modules of Keras 1, 2 and 3 and of TensorFlow have their names in hoiquy."""

import pytest

from hoiquy.keras.import_hook.places import KERAS, TENSORFLOW, is_old_module, keras_path, places


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("keras", ""),
        ("keras.layers", "layers"),
        ("keras.src.layers.core", "layers.core"),
        ("keras.api.layers", "layers"),
        ("keras.api._v2.keras.layers", "layers"),
        ("keras._tf_keras.keras.layers", "layers"),
        ("keras.legacy.preprocessing.text", "preprocessing.text"),
        ("keras.src.legacy.preprocessing.text", "preprocessing.text"),
        ("keras.optimizers.legacy", "optimizers.legacy"),
        ("tf_keras.layers", "layers"),
        ("keras_core.layers", "layers"),
        ("keras_core", ""),
        ("tensorflow.keras.layers", "layers"),
        ("tensorflow.python.keras.layers.recurrent", "layers.recurrent"),
        ("tensorflow.compat.v1.keras.backend", "backend"),
        ("tensorflow.contrib.keras.python.keras.layers", "layers"),
        ("tensorflow_core.python.keras.layers", "layers"),
        ("keras_preprocessing.text", "preprocessing.text"),
        ("keras_preprocessing", "preprocessing"),
        ("tensorflow", None),
        ("tensorflow.kerasish", None),
        ("tensorflow.random", None),
    ],
)
def test_paths_below_keras(module: str, expected: str | None) -> None:
    assert keras_path(module) == expected


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("keras", [""]),
        ("keras.layers.recurrent", ["layers.recurrent", "layers"]),
        ("keras.utils.np_utils", ["utils.np_utils", "utils", "custom_objects"]),
        ("keras.objectives", ["objectives", "losses"]),
        ("keras.engine.topology", ["engine.topology", "engine", "layers", "models", ""]),
        (
            "keras.preprocessing.sequence",
            ["preprocessing.sequence", "preprocessing", "utils"],
        ),
        (
            "tensorflow.python.keras.optimizer_v2.adam",
            ["optimizer_v2.adam", "optimizer_v2", "optimizers"],
        ),
    ],
)
def test_own_place_first_then_parents_then_moved_names(module: str, expected: list[str]) -> None:
    assert places(module) == tuple(f"{KERAS}.{one}".removesuffix(".") for one in expected)


def test_places_of_tensorflow() -> None:
    assert places("tensorflow") == places("tensorflow.compat.v1") == places("tensorflow.python")
    assert places("tensorflow.compat.v1.logging") == (f"{TENSORFLOW}.logging",)
    assert places("tensorflow.nn") == (f"{KERAS}.activations", f"{TENSORFLOW}.nn")
    assert places("tensorflow.data") == (f"{TENSORFLOW}.data",)
    assert places("tensorflow.signal") == ()
    assert places("tensorflow_datasets") == (f"{KERAS}.import_hook.tensorflow_datasets",)


@pytest.mark.parametrize(
    "module",
    [
        "keras.layers.core",
        "keras.src",
        "keras.src.layers.merge",
        "keras.utils.np_utils",
        "tensorflow.keras",
        "tensorflow.keras.layers.experimental.preprocessing",
        "tensorflow.compat",
        "tensorflow.compat.v1",
        "tensorflow.compat.v1.keras",
        "tensorflow.config.experimental",
        "tensorflow.python.client",
    ],
)
def test_old_modules(module: str) -> None:
    assert is_old_module(module)


@pytest.mark.parametrize("module", ["keras.layers.LSTM", "keras.applications", "tensorflow.signal"])
def test_other_names_are_no_modules(module: str) -> None:
    assert not is_old_module(module)
