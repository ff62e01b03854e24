"""The last layer of `.keras` files that Keras made: softmax and sigmoid outputs of any size."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from hoiquy.errors import InputError
from hoiquy.interop.keras.import_run import import_keras
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.output import merge_activation, one_output_per_class
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.folder import Run

L = keras.layers
ROWS, LENGTH = 20, 6


def saved(folder: Path, *last: Any, loss: Any = None) -> Path:
    """An embedding, a GRU and these layers, with random weights, compiled where there is a loss."""
    model = keras.Sequential([L.InputLayer((LENGTH,)), L.Embedding(ROWS, 4), L.GRU(7), *last])
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.5, w.shape).astype(w.dtype) for w in model.get_weights()])
    if loss is not None:
        model.compile("adam", loss)
    model.save(folder / "mine.keras")
    (folder / "words.txt").write_text("\n".join(f"w{at}" for at in range(30)), encoding="utf-8")
    return folder / "mine.keras"


def imported(path: Path) -> Run:
    return import_keras(path, path.parent / "run", vocabulary=path.parent / "words.txt")


OUTPUTS = {
    "softmax": lambda units: [L.Dense(units, "softmax")],
    "sigmoids": lambda units: [L.Dense(units, "sigmoid")],
    "Activation": lambda units: [L.Dense(units), L.Activation("softmax")],
    "Activation sigmoid": lambda units: [L.Dense(units), L.Activation("sigmoid")],
    "Softmax": lambda units: [L.Dense(units), L.Softmax()],
}
LOSSES = {
    "categorical": "categorical_crossentropy",
    "sparse": "sparse_categorical_crossentropy",
    "an object": keras.losses.SparseCategoricalCrossentropy(),
    "none": None,
}


def differs_by(path: Path, run: Run, activation: Any = None) -> float:
    """The largest difference of a probability of hoiquy from Keras' own."""
    indices = np.random.default_rng(1).integers(0, ROWS, (64, LENGTH), np.int32)
    theirs = keras.saving.load_model(path, compile=False).predict_on_batch(indices)
    theirs = np.array(theirs if activation is None else activation(theirs))
    ours = Predictor.from_run(run).model.probabilities(indices)
    return float(np.abs(ours - theirs).max())


@pytest.mark.parametrize("units", [2, 3, 5, 77])
@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs_of_any_size_stay_what_they_are(output: str, units: int, tmp_path: Path) -> None:
    path = saved(tmp_path, *OUTPUTS[output](units))
    run = imported(path)
    softmax = "sigmoid" not in output
    last = run.recipe.model.layers[-1]
    assert (last.type, last.units) == ("dense", "classes")
    assert run.recipe.model.output == ("softmax" if softmax else "sigmoid")
    assert len(run.result.classes) == units
    assert not run.result.changes
    assert differs_by(path, run) <= 1e-6
    sums = Predictor.from_run(run).predict_proba(["w1 w2", "", "w9 unknown"]).sum(axis=1)
    assert not softmax or np.abs(sums - 1).max() <= 1e-6


@pytest.mark.parametrize("loss", LOSSES)
def test_a_compiled_loss_changes_nothing(loss: str, tmp_path: Path) -> None:
    path = saved(tmp_path, L.Dense(4, "softmax"), loss=LOSSES[loss])
    run = imported(path)
    assert run.recipe.training.loss == "categorical_crossentropy"
    assert differs_by(path, run) <= 1e-6


@pytest.mark.parametrize(
    ("loss", "units", "activation"),
    [
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), 5, keras.ops.softmax),
        (keras.losses.CategoricalCrossentropy(from_logits=True), 2, keras.ops.softmax),
        (keras.losses.BinaryCrossentropy(from_logits=True), 3, keras.ops.sigmoid),
        (keras.losses.BinaryFocalCrossentropy(from_logits=True), 3, keras.ops.sigmoid),
        (keras.losses.CategoricalFocalCrossentropy(from_logits=True), 3, keras.ops.softmax),
        ([keras.losses.BinaryCrossentropy(from_logits=True)], 3, keras.ops.sigmoid),
        ({"out": keras.losses.CategoricalCrossentropy(from_logits=True)}, 3, keras.ops.softmax),
    ],
)
def test_logits_get_the_activation_that_their_loss_means(
    loss: Any, units: int, activation: Any, tmp_path: Path
) -> None:
    path = saved(tmp_path, L.Dense(units, name="out"), loss=loss)
    run = imported(path)
    assert differs_by(path, run, activation) <= 1e-6
    [note] = run.result.changes
    assert note == f"the last layer outputs logits: a {run.recipe.model.output} was added"


@pytest.mark.parametrize("loss", ["mse", "sparse_categorical_crossentropy"])
def test_logits_of_an_unknown_meaning_are_refused(loss: str, tmp_path: Path) -> None:
    path = saved(tmp_path, L.Dense(3), loss=loss)
    with pytest.raises(InputError, match=f"with the loss '{loss}', which does not say") as caught:
        imported(path)
    assert "\n" not in str(caught.value)


class BinaryCrossentropy(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """A loss of the user's with the name and the setting of Keras' own."""

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "from_logits": True}


@pytest.mark.parametrize("package", ["mine", None])
def test_a_custom_loss_does_not_say_what_logits_mean(package: str | None, tmp_path: Path) -> None:
    kind = BinaryCrossentropy
    if package:
        kind = keras.saving.register_keras_serializable(package)(kind)
    path = saved(tmp_path, L.Dense(3), loss=kind())
    with pytest.raises(InputError, match=r"with the loss '\S*[>.]BinaryCrossentropy', which does"):
        imported(path)


def test_one_logit_is_the_second_of_two_classes(tmp_path: Path) -> None:
    path = saved(tmp_path, L.Dense(1), loss=keras.losses.BinaryCrossentropy(from_logits=True))
    run = imported(path)
    indices = np.random.default_rng(1).integers(0, ROWS, (9, LENGTH), np.int32)
    logit = np.array(keras.saving.load_model(path, compile=False).predict_on_batch(indices))
    p = 1 / (1 + np.exp(-np.concatenate([-logit, logit], axis=1)))
    np.testing.assert_allclose(Predictor.from_run(run).model.probabilities(indices), p, atol=1e-6)
    assert "one sigmoid p became two" in run.result.changes[0]


REFUSED = {
    "a softmax of one output, which is always 1": [L.Dense(1, "softmax")],
    "has the activation 'relu'; hoiquy has softmax and sigmoid": [L.Dense(2, "relu")],
    "linear and the model is compiled with no known loss": [L.Dense(2)],
    "dtype = float16 and axis = -1": [L.Dense(2), L.Softmax(dtype="float16")],
    "and axis = 0": [L.Dense(2), L.Softmax(axis=0)],
}


@pytest.mark.parametrize("said", REFUSED)
def test_other_outputs_are_named(said: str, tmp_path: Path) -> None:
    path = saved(tmp_path, *REFUSED[said])
    with pytest.raises(InputError, match=said) as caught:
        imported(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("odd", [["softmax"], {"class_name": "function"}, 3, None, True])
@pytest.mark.parametrize("where", ["activation", "loss", "class_name", "from_logits", "axis"])
def test_configs_that_keras_would_not_write_are_one_line(where: str, odd: Any) -> None:
    activation = odd if where == "activation" else "linear"
    table = {"type": "dense", "units": 2, "activation": activation}
    loss: Any = {"class_name": "BinaryCrossentropy", "config": {"from_logits": True}}
    if where == "loss":
        loss = odd
    elif where == "class_name":
        loss["class_name"] = odd
    elif where == "from_logits":
        loss["config"]["from_logits"] = odd
    layers = [
        KerasLayer("Dense", "dense", {"activation": activation}, "layers/dense"),
        KerasLayer("Softmax", "softmax", {"axis": odd if where == "axis" else -1}, ""),
    ]
    weights = {"kernel": np.zeros((3, 2), np.float32), "bias": np.zeros(2, np.float32)}
    for call in (
        lambda: merge_activation(layers, "a file"),
        lambda: one_output_per_class(table, weights, {"loss": loss}, "a file"),
    ):
        try:
            call()
        except InputError as error:
            assert len(str(error).splitlines()) == 1 and len(str(error)) < 400
