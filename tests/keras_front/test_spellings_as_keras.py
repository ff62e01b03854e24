"""Names, arguments, configurations and values are those of real Keras 3."""

from typing import Any

import numpy as np
import pytest
from numpy.random import Generator

from hoiquy.keras import (
    activations,
    constraints,
    initializers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from hoiquy.keras.errors import KerasError
from hoiquy.keras.names import reset_names

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning"),  # of Keras itself
]

OURS = {
    "activations": activations, "constraints": constraints, "initializers": initializers,
    "losses": losses, "metrics": metrics, "optimizers": optimizers, "regularizers": regularizers,
}  # fmt: skip
# What hoiquy.nn cannot compute. Everything else of Keras has to be there.
MISSING = {
    "activations": {"threshold"},
    "constraints": {"Constraint"},
    "initializers": {"Initializer", "STFT", "STFTInitializer"},
    "losses": {
        "Loss", "LossFunctionWrapper", "CTC", "Circle", "Dice", "Tversky", "circle", "ctc", "dice",
        "tversky",
    },
    "metrics": {
        "Metric", "BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU",
        "PearsonCorrelation", "ConcordanceCorrelation",
    },
    "optimizers": {
        "optimizer", "adafactor", "lossscaleoptimizer", "muon", "multioptimizer", "optimizermap",
        "schedulefreeadamw",
    },
    "regularizers": {"Regularizer"},
}  # fmt: skip
# Settings that Keras itself does not save.
MORE_SETTINGS = {
    "CosineSimilarity": ["axis"],
    "SparseCategoricalCrossentropy": ["axis"],
    "Huber": ["delta"],
    "Identity": ["gain"],
    "SparseTopKCategoricalAccuracy": ["from_sorted_ids"],
}
NEEDS_ARGUMENTS = {
    "MeanMetricWrapper", "PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity",
    "SpecificityAtSensitivity",
}  # fmt: skip


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def fresh_names() -> None:
    reset_names()


def names_of(family: str) -> set[str]:
    """All names that real Keras knows, without those of other packages."""
    import importlib

    return set(importlib.import_module(f"keras.src.{family}").ALL_OBJECTS_DICT)


def lower(name: str) -> str:
    return name.replace("_", "").lower()


@pytest.mark.parametrize("family", OURS)
def test_all_names_are_known(keras: Any, family: str) -> None:
    missing = {lower(name) for name in MISSING[family]}
    needs = {lower(name) for name in NEEDS_ARGUMENTS}
    for name in sorted(names_of(family)):
        if lower(name) in needs:
            continue
        if lower(name) in missing:
            with pytest.raises(KerasError, match="unknown"):
                OURS[family].get(name)
        else:
            assert OURS[family].get(name) is not None


def comparable(config: Any) -> Any:
    """Without what differs between versions of Keras; float32 numbers rounded."""
    if isinstance(config, float):
        return float(f"{config:.6g}")
    if not isinstance(config, dict):
        return config
    ignored = ("dtype", "input_axes", "output_axes", "registered_name")
    return {key: comparable(value) for key, value in config.items() if key not in ignored}


@pytest.mark.parametrize("family", ["initializers", "losses", "metrics", "regularizers",
                                    "constraints", "optimizers"])  # fmt: skip
def test_configurations_are_those_of_keras(keras: Any, family: str) -> None:
    ours, theirs = OURS[family], getattr(keras, family)
    missing = {lower(name) for name in MISSING[family] | NEEDS_ARGUMENTS}
    classes = [
        value for value in vars(ours).values()
        if isinstance(value, type) and hasattr(theirs, value.__name__)
        and lower(value.__name__) not in missing
    ]  # fmt: skip
    assert len(set(classes)) >= 4
    for kind in sorted(set(classes), key=lambda one: one.__name__):
        reset_names()
        keras.backend.clear_session(free_memory=False)
        mine, real = kind(), getattr(theirs, kind.__name__)()
        config, expected = ours.serialize(mine), theirs.serialize(real)
        for key in MORE_SETTINGS.get(kind.__name__, ()):
            expected["config"][key] = config["config"][key]
        assert comparable(expected) == comparable(config), kind.__name__
        assert theirs.deserialize(config).get_config() == real.get_config()
        again = ours.deserialize(theirs.serialize(real))
        assert comparable(again.get_config()) == comparable(mine.get_config())


def random_batch(rng: Generator, kind: str) -> tuple[Any, Any]:
    if kind == "binary":
        return rng.integers(0, 2, (6, 3)).astype("float32"), rng.random((6, 3), np.float32)
    predictions = rng.dirichlet(np.ones(4), 6).astype("float32")
    indices = rng.integers(0, 4, 6)
    return (indices if kind == "sparse" else np.eye(4, dtype="float32")[indices]), predictions


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_loss_functions_and_objects(keras: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.random(6).astype("float32")
    for name in sorted(names_of("losses")):
        if name in MISSING["losses"]:
            continue
        kind = "sparse" if "parse" in name else "categorical" if "ategorical" in name else "binary"
        y_true, y_pred = random_batch(rng, kind)
        real, mine = keras.losses.get(name), losses.get(name)
        assert mine is not None
        np.testing.assert_allclose(
            mine(y_true, y_pred), np.asarray(real(y_true, y_pred)), rtol=2e-5, atol=1e-6
        )
        if not isinstance(mine, losses.Loss):
            continue
        for reduction in ("sum", "sum_over_batch_size", "none", "mean_with_sample_weight"):
            arguments = {"reduction": reduction}
            result = getattr(losses, name)(**arguments)(y_true, y_pred, weights)
            expected = getattr(keras.losses, name)(**arguments)(y_true, y_pred, weights)
            np.testing.assert_allclose(result, np.asarray(expected), rtol=2e-5, atol=1e-6)


def test_metric_objects(keras: Any) -> None:
    rng = np.random.default_rng(7)
    for name in sorted(names_of("metrics") - MISSING["metrics"] - NEEDS_ARGUMENTS):
        if not hasattr(keras.metrics, name) or not hasattr(metrics, name):
            continue
        kind = "sparse" if "Sparse" in name else "categorical" if "ategorical" in name else "binary"
        if name != name[:1].upper() + name[1:] or not isinstance(getattr(metrics, name), type):
            continue
        real, mine = getattr(keras.metrics, name)(), getattr(metrics, name)()
        for _ in range(3):
            y_true, y_pred = random_batch(rng, kind)
            weights = rng.random(6).astype("float32")
            given = (y_pred, weights) if name in ("Mean", "Sum") else (y_true, y_pred, weights)
            real.update_state(*given)
            mine.update_state(*given)
        np.testing.assert_allclose(
            mine.result(), np.asarray(real.result()), rtol=1e-4, atol=1e-6, err_msg=name
        )
        direction = getattr(real, "_direction", None)
        assert metrics.direction_of(mine) == direction, name
        assert metrics.direction_of(mine.nn) == direction, name


@pytest.mark.parametrize("targets", [(None, 1), (None,), (None, 4)])
def test_metric_names_in_logs(keras: Any, targets: Any) -> None:
    """The names that real Keras gives to metrics given in all ways."""
    outputs = 1 if targets == (None, 1) else 4
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(outputs, "sigmoid")])
    given = ["acc", "accuracy", "mse", "MAE", "BinaryAccuracy", "binary_accuracy"]
    functions = ["binary_crossentropy", "mean_squared_error"]
    if targets == (None,):
        given, functions = ["acc", "accuracy"], []
    theirs = [*given, *(getattr(keras.losses, name) for name in functions)]
    model.compile("sgd", "mse" if functions else "sparse_categorical_crossentropy", metrics=theirs)
    y = np.zeros((3, *targets[1:]), "float32")
    logs = model.evaluate(np.ones((3, 2)), y, verbose=0, return_dict=True)
    ours = [*given, *(getattr(losses, name) for name in functions)]
    resolved = [metrics.resolve(one, targets, (None, outputs)) for one in ours]
    assert {metric.name for metric in resolved} == set(logs) - {"loss"}
    for metric in resolved:
        metric.update_state(y, np.asarray(model(np.ones((3, 2)))))
        np.testing.assert_allclose(metric.result(), logs[metric.name], rtol=1e-4, atol=1e-6)


def test_activation_functions(keras: Any) -> None:
    x = np.linspace(-4, 4, 24, dtype="float32").reshape(4, 6)
    for name in sorted(names_of("activations") - {"threshold", "sparsemax"}):
        expected = np.asarray(getattr(keras.activations, name, keras.activations.get(name))(x))
        np.testing.assert_allclose(activations.get(name)(x), expected, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(
        activations.relu(x, negative_slope=0.1, max_value=2.0, threshold=1.0),
        np.asarray(keras.activations.relu(x, 0.1, 2.0, 1.0)),
        rtol=1e-6, atol=1e-6,
    )  # fmt: skip


def test_schedules(keras: Any) -> None:
    arguments: dict[str, dict[str, Any]] = {
        "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5},
        "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5},
        "PiecewiseConstantDecay": {"boundaries": [3, 8], "values": [0.1, 0.05, 0.01]},
        "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 9, "cycle": True},
        "CosineDecay": {
            "initial_learning_rate": 0.01, "decay_steps": 9, "warmup_target": 0.1,
            "warmup_steps": 3,
        },
        "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 4},
    }  # fmt: skip
    for name, settings in arguments.items():
        mine = getattr(optimizers.schedules, name)(**settings)
        real = getattr(keras.optimizers.schedules, name)(**settings)
        assert mine.get_config() == real.get_config()
        for step in range(20):
            assert mine(step) == pytest.approx(float(real(step)), rel=1e-5, abs=1e-9)
        optimizer = optimizers.SGD(mine)
        theirs = keras.optimizers.SGD(real)
        assert float(optimizer.lr) == pytest.approx(float(theirs.learning_rate))
        assert comparable(optimizers.serialize(optimizer)["config"]["learning_rate"]) == comparable(
            keras.optimizers.serialize(theirs)["config"]["learning_rate"]
        )
        again = keras.optimizers.deserialize(optimizers.serialize(optimizer))
        assert float(again.learning_rate) == pytest.approx(float(theirs.learning_rate))
