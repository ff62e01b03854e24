"""Models with lambdas in files: written as Keras does, and recognized, not run, when loaded."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.layers import Dense, Input, Lambda

X = np.float32([[1, 2, 3], [4, 5, 6]])


def model(factor: int = 2) -> Any:
    doubled = Lambda(lambda x: x * factor, name="doubled")
    made = keras.Sequential([Input((3,)), doubled, Dense(2), Lambda(lambda x: x + 1)])
    made.compile("sgd", "mse")
    return made


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_the_program_that_wrote_lambdas_loads_them(tmp_path: Path, name: str) -> None:
    first, other = model(), model(3)
    for number, made in enumerate((first, other)):
        made.save(tmp_path / f"{number}{name}")
    for number, made in enumerate((first, other)):
        loaded = keras.models.load_model(tmp_path / f"{number}{name}")
        expected = made.predict(X, verbose=0)
        np.testing.assert_array_equal(loaded.predict(X, verbose=0), expected)


def test_a_checkpoint_of_the_whole_model(tmp_path: Path) -> None:
    made = model()
    saved = keras.callbacks.ModelCheckpoint(tmp_path / "best.h5", monitor="loss")
    made.fit(X, X[:, :2], verbose=0, callbacks=[saved])
    assert (tmp_path / "best.h5").is_file()


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_another_program_needs_the_functions_by_the_names_of_the_layers(
    tmp_path: Path, name: str
) -> None:
    made = model()
    made.save(tmp_path / name)
    code = (
        "import sys, numpy as np, hoiquy.keras as keras\n"
        "try: keras.models.load_model(sys.argv[1])\n"
        "except NotImplementedError as error: print(error)\n"
        "given = {'doubled': lambda x: x * 2, sys.argv[2]: lambda x: x + 1}\n"
        "made = keras.models.load_model(sys.argv[1], custom_objects=given)\n"
        "print(made.predict(np.ones((1, 3)), verbose=0).tolist())\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / name), made.layers[-1].name]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert found[0] == (
        "Lambda: code in files never runs; give the function doubled in "
        "custom_objects={'doubled': function}"
    )
    np.testing.assert_allclose(
        json.loads(found[1]), made.predict(np.ones((1, 3)), verbose=0), rtol=1e-6
    )


def test_changed_code_is_not_recognized() -> None:
    config = model().layers[0].get_config()
    assert Lambda.from_config(config).function(2) == 4
    config["function"]["config"]["closure"] = [5]
    with pytest.raises(NotSupportedError, match="code in files never runs"):
        Lambda.from_config(config)


@pytest.mark.keras
@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_keras_loads_what_is_written(tmp_path: Path, name: str) -> None:
    import keras as real

    made = model()
    made.save(tmp_path / name)
    loaded = real.saving.load_model(tmp_path / name, safe_mode=False, compile=False)
    np.testing.assert_allclose(loaded.predict(X, verbose=0), made.predict(X, verbose=0), rtol=1e-5)
