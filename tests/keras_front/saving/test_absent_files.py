"""A missing file of a model is Python's FileNotFoundError, which scripts catch."""

from pathlib import Path

import pytest

import hoiquy.keras as keras


@pytest.mark.parametrize("name", ["absent.keras", "absent.h5", "absent.weights.h5"])
def test_a_missing_file_can_be_caught_as_python_s_error(name: str, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    for kind in (FileNotFoundError, ValueError):
        with pytest.raises(kind, match=f"{name} does not exist"):
            keras.models.load_model(tmp_path / name)
        with pytest.raises(kind, match=f"{name} does not exist"):
            model.load_weights(tmp_path / name)
