"""KerasClassifier and KerasRegressor, of Keras 2 and of scikeras, in scikit-learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hoiquy.keras as keras
from hoiquy.keras.errors import KerasError
from hoiquy.keras.wrappers import KerasClassifier, KerasRegressor, scikit_learn
from imported_keras import import_hook, run_code

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 4)).astype("float32")
Y = np.array(["no", "yes"])[(X[:, 0] + X[:, 1] > 0).astype(int)]
THREE = np.digitize(X[:, 0], [-0.4, 0.4])


def binary(units: int = 8, optimizer: str = "adam") -> Any:
    model = keras.Sequential([
        keras.Input((4,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1, "sigmoid")
    ])  # fmt: skip
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def softmax(meta: Any = None, units: int = 8) -> Any:
    classes = 3 if meta is None else meta["n_classes_"]
    return keras.Sequential([
        keras.Input((4,)), keras.layers.Dense(units, "tanh"),
        keras.layers.Dense(classes, "softmax"),
    ])  # fmt: skip


def number() -> Any:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    return model


def test_keras_2_classifies_labels_of_any_kind() -> None:
    keras.utils.set_random_seed(1)
    model = scikit_learn.KerasClassifier(
        build_fn=binary, units=16, epochs=30, batch_size=10, verbose=0
    )
    history = model.fit(X, Y)
    assert len(history.history["loss"]) == 30
    assert model.classes_.tolist() == ["no", "yes"]
    predicted = model.predict(X)
    assert predicted.shape == (90, 1)  # as Keras 2 returns them for one output
    accuracy = float((predicted[:, 0] == Y).mean())
    assert accuracy > 0.85
    assert model.score(X, Y) == pytest.approx(accuracy, abs=1e-6)
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert model.model.layers[0].units == 16


def test_keras_2_in_a_grid_search_and_cross_validation() -> None:
    keras.utils.set_random_seed(1)
    model = scikit_learn.KerasClassifier(build_fn=binary, epochs=5, verbose=0)
    grid = GridSearchCV(model, {"units": [2, 16], "batch_size": [10]}, cv=3)
    grid.fit(X, Y)
    assert set(grid.best_params_) == {"units", "batch_size"}
    assert grid.best_score_ > 0.4
    pipeline = make_pipeline(StandardScaler(), scikit_learn.KerasRegressor(number, verbose=0))
    scores = cross_val_score(pipeline, X, X @ [1, 2, 3, 4], cv=3)
    assert (scores < 0).all()  # minus the loss
    assert clone(model).get_params() == model.get_params()


def test_one_hot_targets_where_the_loss_needs_them() -> None:
    def build() -> Any:
        model = softmax()
        model.compile(keras.optimizers.Adam(0.05), "categorical_crossentropy", metrics=["acc"])
        return model

    keras.utils.set_random_seed(1)
    model = scikit_learn.KerasClassifier(build, epochs=40, verbose=0)
    model.fit(X, THREE)
    assert model.predict(X).shape == (90,)
    assert model.score(X, THREE) > 0.7
    model.fit(X, np.eye(3)[THREE])
    assert model.score(X, np.eye(3)[THREE]) > 0.7


def test_keras_2_needs_a_metric_and_known_parameters() -> None:
    def silent() -> Any:
        model = softmax()
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    model = scikit_learn.KerasClassifier(silent, verbose=0)
    model.fit(X, THREE)
    with pytest.raises(KerasError, match="accuracy"):
        model.score(X, THREE)
    with pytest.raises(TypeError, match="did you mean 'units'"):
        scikit_learn.KerasClassifier(binary, unit=3)
    with pytest.raises(TypeError, match="not fitted"):
        scikit_learn.KerasClassifier(binary).predict(X)


def test_scikeras_compiles_and_routes() -> None:
    model = KerasClassifier(
        softmax, loss="sparse_categorical_crossentropy", optimizer="adam",
        optimizer__learning_rate=0.05, metrics=["accuracy"], epochs=20, batch_size=16, verbose=0,
        model__units=12, random_state=3,
    )  # fmt: skip
    assert model.fit(X, THREE) is model
    assert model.score(X, THREE) > 0.85
    assert len(model.history_["loss"]) == 20
    assert float(model.model_.optimizer.learning_rate) == pytest.approx(0.05)
    assert model.model_.layers[0].units == 12
    again = clone(model).fit(X, THREE)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    again.partial_fit(X, THREE)
    assert len(again.history_["loss"]) == 21


def test_scikeras_in_a_grid_search() -> None:
    model = KerasClassifier(softmax, loss="categorical_crossentropy", verbose=0, random_state=0)
    grid = GridSearchCV(model, {"model__units": [2, 8], "optimizer": ["adam", "sgd"]}, cv=2)
    grid.fit(X, THREE)
    assert grid.best_estimator_.predict(X).shape == (90,)
    keras.utils.set_random_seed(2)
    scores = cross_val_score(
        KerasRegressor(number, epochs=60, verbose=0), X, X @ [1, 2, 3, 4], cv=3
    )
    assert scores.mean() > 0.8  # R²


def test_scikeras_takes_a_model_and_class_weights() -> None:
    template = binary()
    model = KerasClassifier(template, epochs=3, class_weight="balanced", verbose=0)
    model.fit(X, Y)
    assert model.model_ is not template
    assert set(model.predict(X)) <= {"no", "yes"}
    with pytest.raises(TypeError, match="expected a function"):
        KerasClassifier(None)
    with pytest.raises(KerasError, match="pass loss"):
        KerasClassifier(softmax, verbose=0).fit(X, THREE)


@pytest.mark.parametrize(
    "module", ["keras.wrappers.scikit_learn", "tensorflow.keras.wrappers.scikit_learn",
               "scikeras.wrappers"]
)  # fmt: skip
def test_scripts_find_them(module: str, tmp_path: Path) -> None:
    with import_hook():
        found = run_code(tmp_path, f"from {module} import KerasClassifier, KerasRegressor")
    own = scikit_learn.KerasClassifier if "scikit_learn" in module else KerasClassifier
    assert found["KerasClassifier"] is own
