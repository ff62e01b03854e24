"""Networks of several labels as ONNX and Keras files, imported, and trained on Keras."""

import json
from pathlib import Path

import numpy as np
import pytest

from example_run import error_line
from hoiquy import train
from hoiquy.errors import InputError
from hoiquy.interop.export import Format, export_run
from hoiquy.interop.keras.import_run import import_keras
from hoiquy.interop.onnx.model import onnx_probabilities
from hoiquy.interop.parity import padded_indices
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.folder import Run
from several_labels import LABELS, dataset, documents, recipe

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(dataset(), recipe(), tmp_path_factory.mktemp("runs") / "several")


@pytest.mark.parametrize("to", ["onnx", "keras"])
def test_exports_give_the_probabilities_of_hoiquy(run: Run, to: Format, tmp_path: Path) -> None:
    exported = export_run(run, to, tmp_path / f"model.{to}")
    about = json.loads(exported.text.read_text())
    assert about["multilabel"] is True and "above 0.5" in about["prediction"]
    predictor, texts = load_predictor(run), documents(30, seed=3)[0]
    indices = padded_indices(predictor.vocabulary, run.recipe, texts)
    if to == "onnx":
        found = onnx_probabilities(exported.model.read_bytes(), "int64")(indices)
    else:
        import keras

        found = keras.saving.load_model(exported.model).predict(indices, verbose=0)
    np.testing.assert_allclose(found, predictor.predict_proba(texts), atol=1e-5)
    assert abs(found.sum(axis=1) - 1).max() > 0.2


def test_what_was_exported_is_imported_with_its_labels(run: Run, tmp_path: Path) -> None:
    export_run(run, "keras", tmp_path / "model.keras")
    imported = import_keras(tmp_path / "model.keras", tmp_path / "run")
    assert imported.result.multilabel
    texts = documents(30, seed=3)[0]
    before, after = load_predictor(run), load_predictor(imported)
    found = after.predict_proba(texts)
    np.testing.assert_allclose(found, before.predict_proba(texts), atol=1e-6)
    assert after.labels(found) == before.labels(found)


def keras_model(path: Path, units: int, activation: str) -> Path:
    import keras

    model = keras.Sequential(
        [
            keras.Input((12,), dtype="int32"),
            keras.layers.Embedding(20, 4),
            keras.layers.LSTM(4),
            keras.layers.Dense(units, activation=activation),
        ]
    )
    model.save(path)
    path.with_suffix(".txt").write_text("".join(f"word{number}\n" for number in range(17)))
    return path


def test_sigmoids_are_one_label_of_several_unless_an_option_says_else(tmp_path: Path) -> None:
    path = keras_model(tmp_path / "model.keras", 3, "sigmoid")
    words = path.with_suffix(".txt")
    for multilabel in (False, True):
        imported = import_keras(
            path, tmp_path / str(multilabel), vocabulary=words, classes=LABELS,
            multilabel=multilabel,
        )  # fmt: skip
        predictor = load_predictor(imported)
        assert imported.result.multilabel == predictor.multilabel == multilabel
        labels = predictor.labels(np.array([[0.9, 0.8, 0.1], [0.2, 0.1, 0.1]], np.float32))
        several = [("fruit", "metal"), ()]
        assert labels == (several if multilabel else [("fruit",), ("fruit",)])


@pytest.mark.parametrize(("units", "activation"), [(3, "softmax"), (1, "sigmoid")])
def test_other_outputs_have_no_several_labels(units: int, activation: str, tmp_path: Path) -> None:
    path = keras_model(tmp_path / "model.keras", units, activation)
    words = path.with_suffix(".txt")
    line = error_line(
        lambda: import_keras(path, tmp_path / "run", vocabulary=words, multilabel=True), InputError
    )
    assert "without --multilabel" in line


def test_keras_trains_several_labels(tmp_path: Path) -> None:
    trained = train(dataset(), recipe("training.epochs=10"), tmp_path / "run", engine="keras")
    assert trained.result.multilabel
    right = trained.predictions().right().mean()
    assert trained.result.test_accuracy == pytest.approx(right)
    assert right > 0.8 and trained.history[-1].val_accuracy > 0.8
