"""The probabilities of an exported softmax add up to 1; a recipe's sigmoids stay what they are."""

from pathlib import Path

import pytest

from hoiquy.interop.export import Format, export_run
from hoiquy.interop.keras.writer import keras_probabilities
from hoiquy.interop.onnx.model import onnx_probabilities
from hoiquy.interop.parity import padded_indices
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import load_recipe, recipe_names
from hoiquy.runs.folder import load_run
from many_classes import TEXTS, check_sums, train_every_recipe

EXPORTED = [name for name in recipe_names() if load_recipe(name).text.ngrams == 1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_every_recipe(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("to", ["onnx", pytest.param("keras", marks=pytest.mark.keras)])
@pytest.mark.parametrize("name", EXPORTED)
def test_of_exports(name: str, to: Format, folder: Path, tmp_path: Path) -> None:
    run = load_run(folder / name)
    content = export_run(run, to, tmp_path / f"model.{to}").model.read_bytes()
    exported = onnx_probabilities(content) if to == "onnx" else keras_probabilities(content)
    indices = padded_indices(Predictor.from_run(run).vocabulary, run.recipe, TEXTS)
    check_sums(name, exported(indices))
