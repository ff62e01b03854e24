"""Lambdas in files."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from hoiquy.keras import backend as K  # noqa: N812
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.layers import Dense, Input, Lambda, lambda_code
from hoiquy.keras.models import Sequential, load_model, model_from_json

X = np.arange(6, dtype=np.float32).reshape(2, 3)


def built(factor: Any = 2) -> Any:
    return Sequential([Input((3,)), Dense(2), Lambda(lambda x: K.abs(x) * factor)])


@pytest.mark.parametrize("ending", ["keras", "h5", "json"])
def test_the_program_that_made_a_lambda_loads_it(tmp_path: Path, ending: str) -> None:
    model = built()
    if ending == "json":
        loaded = model_from_json(model.to_json())
        loaded.set_weights(model.get_weights())
    else:
        model.save(tmp_path / f"model.{ending}")
        loaded = load_model(tmp_path / f"model.{ending}")
    wanted = model.predict(X, verbose=0)
    assert np.allclose(loaded.predict(X, verbose=0), wanted)


def test_lambdas_of_other_values_are_others(tmp_path: Path) -> None:
    built(3).save(tmp_path / "three.keras")
    wanted = built(4)
    wanted.save(tmp_path / "four.keras")
    found = load_model(tmp_path / "four.keras")
    assert np.allclose(found.predict(X, verbose=0), wanted.predict(X, verbose=0))


def test_code_of_a_file_never_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built().save(tmp_path / "model.keras")
    monkeypatch.setattr(lambda_code, "_made", {})
    with pytest.raises(NotSupportedError, match="code in files never runs; give the function"):
        load_model(tmp_path / "model.keras")


def test_values_that_are_not_written_are_refused() -> None:
    with pytest.raises(NotSupportedError, match="other values than numbers and texts"):
        built(np.ones(2)).to_json()


def test_keras_reads_the_code(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Lambda(lambda x: x * 2 + 1)])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=False)
    assert np.allclose(loaded.predict(X, verbose=0), X * 2 + 1)
