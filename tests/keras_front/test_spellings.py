"""Spellings of Keras 1 and 2, errors for unknown names, and learning rates as numbers."""

from typing import Any

import numpy as np
import pytest

from hoiquy.keras import (
    activations,
    constraints,
    initializers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError


def test_old_arguments_of_optimizers() -> None:
    adam = optimizers.Adam(lr=0.01, decay=0.1, epsilon=None, beta_1=0.8)
    assert (adam.nn.learning_rate, adam.nn.decay) == (np.float32(0.01), 0.1)
    assert (adam.nn.epsilon, adam.nn.beta_1) == (1e-7, 0.8)
    assert optimizers.get("ADAM").nn == optimizers.adam().nn
    assert optimizers.legacy.SGD(0.1, 0.9, nesterov=True).nn.nesterov
    with pytest.raises(KerasTypeError, match="did you mean 'learning_rate'"):
        optimizers.SGD(learnin_rate=1)
    with pytest.raises(KerasTypeError, match="given twice"):
        optimizers.SGD(0.1, lr=0.1)
    for arguments in ({"learning_rate": "x"}, {"momentum": 2}, {"clipnorm": 1, "clipvalue": 1}):
        with pytest.raises(KerasError, match="SGD"):
            optimizers.SGD(**arguments)


def test_learning_rates_are_numbers_that_can_be_set() -> None:
    sgd = optimizers.SGD(0.1)
    assert isinstance(sgd.learning_rate, float) and sgd.lr.numpy() == np.float32(0.1)
    sgd.learning_rate = 0.05
    sgd.lr = sgd.lr * 0.5
    sgd.lr.assign(sgd.lr * 0.5)
    assert float(sgd.lr) == sgd.nn.rate == np.float32(0.0125)
    assert optimizers.SGD.from_config(sgd.get_config()).nn.rate == sgd.nn.rate
    scheduled = optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.5))
    scheduled.nn.step = 2
    assert float(scheduled.lr) == np.float32(0.025)
    with pytest.raises(KerasError, match="schedule"):
        scheduled.learning_rate = 0.1


def test_old_names() -> None:
    assert losses.get("cosine_proximity") is losses.cosine_similarity
    assert losses.get("kld") is losses.get("kullback_leibler_divergence")
    assert isinstance(initializers.get("zero"), initializers.Zeros)
    assert isinstance(initializers.get("normal"), initializers.RandomNormal)
    assert regularizers.l2(0.3).get_config() == regularizers.get({
        "class_name": "L2", "config": {"l2": 0.3}
    }).get_config()  # fmt: skip
    assert regularizers.l1l2(0.1, 0.2).nn_settings() == {"l1": 0.1, "l2": 0.2}
    assert constraints.maxnorm(m=3).make().max_value == 3
    assert activations.get("swish") is activations.silu
    assert activations.get(None) is activations.linear


def test_arrays_and_seeds_of_initializers() -> None:
    array = np.arange(6.0).reshape(2, 3)
    from_array = initializers.get(array)
    np.testing.assert_array_equal(from_array((2, 3)), array)
    np.testing.assert_array_equal(
        initializers.deserialize(initializers.serialize(from_array))((2, 3)), array
    )
    seeded = initializers.GlorotUniform(seed=4)
    np.testing.assert_array_equal(seeded((3, 4)), initializers.GlorotUniform(4)((3, 4)))
    assert initializers.deserialize(initializers.serialize(seeded)).seed == 4


def test_more_zeros_than_allowed_are_refused() -> None:
    with initializers.zeros_within(20):
        assert not initializers.get("ones").make()((4, 4), None, "f4").any()
        with pytest.raises(KerasError, match=r"\(2, 3\), larger than the weights"):
            initializers.get("he_normal").make()((2, 3), None, "f4")
    assert initializers.get("ones")((2, 2)).all()


@pytest.mark.parametrize(
    ("module", "name", "nearest"),
    [
        (losses, "binary_crosentropy", "'binary_crossentropy'"),
        (metrics, "acuracy", "'accuracy'"),
        (optimizers, "adm", "'adam'"),
        (initializers, "glorot", "'GlorotUniform'"),
        (regularizers, "l3", "'l2'"),
        (activations, "rleu", "'relu'"),
        (constraints, "max", "'max_norm'"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(module: Any, name: str, nearest: str) -> None:
    with pytest.raises(ValueError, match=f"{name!r}.*{nearest}") as caught:
        module.get(name)
    assert "\n" not in str(caught.value)
    with pytest.raises(KerasError):
        module.get(3.5)
    with pytest.raises(KerasError, match="is not the configuration"):
        module.deserialize({"class_name": 3})


@pytest.mark.parametrize("module", [optimizers])
def test_functions_of_a_script_are_refused(module: Any) -> None:
    def f1_score(y_true: Any, y_pred: Any) -> Any:
        return y_pred

    with pytest.raises(NotSupportedError, match="f1_score is a function or class of the script"):
        module.get(f1_score)


def test_classes_of_a_script_are_refused() -> None:
    class OwnOptimizer(optimizers.Optimizer):
        pass

    with pytest.raises(NotSupportedError, match="an optimizer of the script is not supported"):
        OwnOptimizer(0.1)


def test_metrics_count_and_forget() -> None:
    metric = metrics.BinaryAccuracy(threshold=0.3)
    assert metric([[1], [0]], [[0.4], [0.4]]) == np.float32(0.5)
    metric.update_state([[1]], [[0.9]])
    assert metric.result() == pytest.approx(2 / 3)
    metric.reset_states()
    assert metric.result() == 0
    wrapped = metrics.resolve(losses.Huber(2.0), (None, 1), (None, 1))
    assert (wrapped.name, metrics.direction_of(wrapped)) == ("huber_loss", "down")
