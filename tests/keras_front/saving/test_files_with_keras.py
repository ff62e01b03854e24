"""Files go both ways between `hoiquy.keras` and real Keras, and training goes on as it was."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from saved_models_keras import BUILDERS, FEWER_VARIABLES, OPTIMIZERS, data

import hoiquy.keras as ours
from hoiquy.keras import saving

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning"),  # of Keras itself
    pytest.mark.filterwarnings("ignore:Skipping variable loading:UserWarning"),
]
LOSS = "sparse_categorical_crossentropy"


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def trained(library: Any, name: str, optimizer: Any = "adam", epochs: int = 1) -> Any:
    """Without dropout, so that both train alike."""
    model = BUILDERS[name](library)
    model.compile(optimizer, LOSS, metrics=["accuracy"])
    x, y = data(name)
    model.fit(x, y, batch_size=4, epochs=epochs, verbose=0, shuffle=False)
    return model


def outputs(model: Any, name: str) -> Any:
    return model.predict(data(name)[0], verbose=0)


@pytest.mark.parametrize("name", BUILDERS)
def test_keras_loads_our_files(keras: Any, name: str, tmp_path: Path) -> None:
    model = trained(ours, name)
    expected = outputs(model, name)
    for path in (tmp_path / "model.keras", tmp_path / "model.h5"):
        model.save(path)
        loaded = keras.saving.load_model(path)
        np.testing.assert_allclose(
            outputs(loaded, name), expected, rtol=1e-5, atol=1e-6, err_msg=path.name
        )
        assert int(loaded.optimizer.iterations) == 3
        again = saving.load_model(path)
        np.testing.assert_array_equal(outputs(again, name), expected, err_msg=path.name)


@pytest.mark.parametrize("name", BUILDERS)
def test_we_load_files_of_keras(keras: Any, name: str, tmp_path: Path) -> None:
    model = trained(keras, name)
    expected = outputs(model, name)
    for path in (tmp_path / "model.keras", tmp_path / "model.h5"):
        model.save(path)
        loaded = saving.load_model(path)
        np.testing.assert_allclose(
            outputs(loaded, name), expected, rtol=1e-5, atol=1e-6, err_msg=path.name
        )
        assert int(loaded.optimizer.iterations) == 3
        assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]


@pytest.mark.parametrize("ending", [".weights.h5", ".h5"])
def test_weights_go_both_ways(keras: Any, ending: str, tmp_path: Path) -> None:
    for name in BUILDERS:
        real, own = BUILDERS[name](keras), BUILDERS[name](ours)
        theirs, mine = tmp_path / f"theirs{ending}", tmp_path / f"mine{ending}"
        if ending == ".h5":
            real.save(theirs)
        else:
            real.save_weights(theirs)
        own.load_weights(theirs)
        np.testing.assert_allclose(outputs(own, name), outputs(real, name), rtol=1e-5, atol=1e-6)
        other = BUILDERS[name](ours)
        other.save_weights(mine)
        real.load_weights(mine)
        np.testing.assert_allclose(outputs(other, name), outputs(real, name), rtol=1e-5, atol=1e-6)


SLOW = [pytest.param(*case, marks=pytest.mark.slow) for case in FEWER_VARIABLES]


@pytest.mark.parametrize(("kind", "settings"), [*OPTIMIZERS, *SLOW])
def test_training_goes_on(keras: Any, kind: str, settings: Any, tmp_path: Path) -> None:
    """Ours, loaded by both, and real Keras' file, loaded by us: the next epochs are the same."""
    model = trained(ours, "nested", getattr(ours.optimizers, kind)(**settings))
    x, y = data("nested")
    model.save(tmp_path / "ours.keras")
    own = saving.load_model(tmp_path / "ours.keras")
    real = keras.saving.load_model(tmp_path / "ours.keras")
    real.run_eagerly = True  # which is faster than to compile six steps
    real.save(tmp_path / "theirs.keras")
    third = saving.load_model(tmp_path / "theirs.keras")
    arguments: dict[str, Any] = {"batch_size": 4, "epochs": 2, "verbose": 0, "shuffle": False}
    expected = model.fit(x, y, **arguments).history
    assert own.fit(x, y, **arguments).history == expected
    for other in (real, third):
        found = other.fit(x, y, **arguments).history
        for key in expected:
            np.testing.assert_allclose(found[key], expected[key], rtol=2e-4, err_msg=key)
