"""Layers and optimizers as plain data: every kind is read back, wrong data is one line."""

import typing
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, Philox

from hoiquy.errors import InputError
from hoiquy.nn.optimizers import OPTIMIZERS
from hoiquy.nn.plain_data.kinds import LAYERS
from hoiquy.nn.plain_data.layers import layer_table, make_layer, settings_of
from hoiquy.nn.plain_data.optimizers import make_optimizer, optimizer_settings, optimizer_table
from hoiquy.recipe.layer_tables import ActivationName, OtherLayer

# Some settings of each kind that has any; each differs from the default.
SETTINGS: dict[str, dict[str, Any]] = {
    "activation": {"activation": "gelu"},
    "activity_regularization": {"regularizer": {"type": "l1", "l1": 0.1}},
    "additive_attention": {"dropout": 0.2, "use_scale": False},
    "alpha_dropout": {"rate": 0.1},
    "attention": {"use_scale": True, "score_mode": "concat"},
    "average_pooling1d": {"pool_size": 3, "padding": "same"},
    "batch_normalization": {
        "momentum": 0.9, "center": False, "gamma_initializer": {"type": "constant", "value": 2.0},
        "gamma_constraint": "non_neg",
    },
    "bidirectional": {
        "layer": {"type": "gru", "units": 3, "recurrent_regularizer": {"type": "l2", "l2": 0.1}},
        "backward_layer": {"type": "lstm", "units": 3, "go_backwards": True},
        "merge_mode": "none",
    },
    "concatenate": {"axis": 1},
    "conv1d": {
        "filters": 4, "kernel_size": 3, "padding": "causal", "activation": "relu",
        "kernel_initializer": "he_normal", "bias_regularizer": "orthogonal", "use_bias": False,
    },
    "cropping1d": {"cropping": [1, 2]},
    "dense": {
        "units": 3, "kernel_regularizer": {"type": "l1_l2", "l1": 0.1, "l2": 0.2},
        "kernel_constraint": {"type": "max_norm", "max_value": 3.0}, "trainable": False,
    },
    "dot": {"axes": [1, 2], "normalize": True},
    "dropout": {"rate": 0.25, "noise_shape": ["none", 1, "none"]},
    "elu": {"alpha": 0.5},
    "embedding": {
        "input_dim": 9, "output_dim": 2, "embeddings_regularizer": {"type": "l2", "l2": 0.5},
        "embeddings_initializer": {"type": "random_normal", "stddev": 0.1}, "mask_zero": True,
    },
    "global_max_pooling1d": {"keepdims": True},
    "gru": {"units": 2, "reset_after": False, "recurrent_activation": "hard_sigmoid"},
    "lstm": {"units": 2, "recurrent_dropout": 0.2, "unit_forget_bias": False},
    "masking": {"mask_value": 1.5},
    "permute": {"dims": [2, 1]},
    "prelu": {"shared_axes": [1], "alpha_initializer": "ones", "alpha_constraint": "unit_norm"},
    "relu": {"max_value": 6.0},
    "reshape": {"target_shape": [2, -1]},
    "simple_rnn": {"units": 2, "activation": "selu"},
    "time_distributed": {"layer": {"type": "dense", "units": 4}},
}  # fmt: skip
OF_OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"momentum": 0.9, "nesterov": True, "clipnorm": 1.0},
    "rmsprop": {"rho": 0.8, "centered": True},
    "adam": {"amsgrad": True, "weight_decay": 0.01},
}


@pytest.mark.parametrize("kind", LAYERS)
def test_every_layer_is_read_back(kind: str) -> None:
    needed = {"bidirectional": {"layer": {"type": "gru", "units": 3}},
              "time_distributed": {"layer": {"type": "dense", "units": 4}}}  # fmt: skip
    for settings in (needed.get(kind, {}), SETTINGS.get(kind, {})):
        layer = make_layer(kind, "name", settings, "here")
        table = layer_table(layer)
        if kind != "activity_regularization":
            assert table == {"type": kind} | settings or not settings
        again = make_layer(table.pop("type"), "name", table, "here")
        assert layer_table(again) == layer_table(layer)
        if kind not in ("bidirectional", "time_distributed"):
            assert again == layer


def test_the_weights_follow_the_settings() -> None:
    layer = make_layer("conv1d", "c", SETTINGS["conv1d"], "here")
    layer.build([(None, 7, 5)], Generator(Philox(0)))
    assert {key: array.shape for key, array in layer.parameters.items()} == {"kernel": (3, 5, 4)}
    both = make_layer("bidirectional", "b", SETTINGS["bidirectional"], "here")
    both.build([(None, 7, 5)], Generator(Philox(0)))
    assert list(both.penalties) == ["forward/recurrent_kernel"]
    assert both.output_shapes([(None, 7, 5)]) == ((None, 3), (None, 3))


def test_recipes_have_every_type() -> None:
    others = typing.get_args(OtherLayer.model_fields["type"].annotation)
    known = {"embedding", "dropout", "dense", "simple_rnn", "lstm", "gru"}
    assert set(others) | known == set(LAYERS)
    read = settings_of(LAYERS["activation"])["activation"].read
    for name in typing.get_args(ActivationName):
        assert read(name, "here") == name
    with pytest.raises(InputError) as caught:
        read("", "here")
    assert len(typing.get_args(ActivationName)) == str(caught.value).count(",") + 1


@pytest.mark.parametrize(
    ("kind", "settings", "named"),
    [
        ("conv2d", {}, ["here.type = 'conv2d'", "did you mean 'conv1d'?"]),
        ("conv1d", {"filter": 3}, ["'filter'", "[here]", "did you mean 'filters'?"]),
        ("conv1d", {"filters": "3"}, ["here.filters = '3'", "a whole number"]),
        ("conv1d", {"filters": 0}, ["here.filters = 0", "1 or more"]),
        ("conv1d", {"filters": True}, ["here.filters = true", "a whole number"]),
        ("conv1d", {"padding": "left"}, ["here.padding = 'left'", "'valid', 'same', 'causal'"]),
        ("dense", {"activation": "rulu"}, ["'rulu'", "did you mean 'relu'?"]),
        ("dense", {"kernel_regularizer": "l3"}, ["here.kernel_regularizer", "did you mean 'l2'?"]),
        ("dense", {"kernel_regularizer": {"type": "l2", "l1": 1}}, ["l2 has no setting 'l1'"]),
        ("dense", {"kernel_initializer": 3}, ["a name, or a table with type"]),
        ("dropout", {"rate": 1.5}, ["here.rate = 1.5", "from 0 to 1"]),
        ("lstm", {"stateful": True}, ["'stateful'"]),
        ("bidirectional", {"layer": {"type": "dense", "units": 2}}, ["simple_rnn, lstm or gru"]),
        ("bidirectional", {}, ["simple_rnn, lstm or gru"]),
    ],
)
def test_wrong_settings_are_one_line(kind: str, settings: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        make_layer(kind, "name", settings, "here")
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for part in named:
        assert part in message


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_is_read_back(kind: str) -> None:
    settings = OF_OPTIMIZERS.get(kind, {})
    optimizer = make_optimizer({"type": kind, **settings}, 0.1, "optimizer")
    assert type(optimizer) is OPTIMIZERS[kind]
    assert optimizer.learning_rate == 0.1
    assert optimizer_table(optimizer) == {"type": kind, **settings}
    parameters = {"a": np.ones((2, 3), np.float32)}
    optimizer.update(parameters, {"a": np.ones((2, 3), np.float32)})
    assert (parameters["a"] < 1).all()


def test_wrong_optimizers_are_one_line() -> None:
    for table, part in (
        ({"type": "rmspro"}, "did you mean 'rmsprop'?"),
        ({"type": "sgd", "momentun": 0.9}, "did you mean 'momentum'?"),
        ({"type": "sgd", "momentum": "0.9"}, "a number"),
        ({"type": "adam", "use_ema": True}, "'use_ema'"),
    ):
        with pytest.raises(InputError, match="optimizer") as caught:
            make_optimizer(table, 0.1, "optimizer")
        assert part in str(caught.value)
    assert "learning_rate" not in optimizer_settings(OPTIMIZERS["sgd"])
