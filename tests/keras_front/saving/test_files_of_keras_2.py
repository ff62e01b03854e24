"""HDF5 files as Keras 2 wrote them."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hoiquy.keras import saving


def initializer(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": config}


LAYERS = [
    {
        "class_name": "Embedding",
        "config": {
            "name": "embedding_1", "trainable": True, "batch_input_shape": [None, 5],
            "dtype": "float32", "input_dim": 8, "output_dim": 3,
            "embeddings_initializer": initializer("RandomUniform", minval=-0.05, maxval=0.05,
                                                  seed=None),
            "embeddings_regularizer": None, "activity_regularizer": None,
            "embeddings_constraint": None, "mask_zero": False, "input_length": 5,
        },
    },
    {
        "class_name": "LSTM",
        "config": {
            "name": "lstm_1", "trainable": True, "dtype": "float32", "return_sequences": False,
            "return_state": False, "go_backwards": False, "stateful": False, "unroll": False,
            "time_major": False, "units": 2, "activation": "tanh",
            "recurrent_activation": "sigmoid", "use_bias": True,
            "kernel_initializer": initializer("VarianceScaling", scale=1.0, mode="fan_avg",
                                              distribution="uniform", seed=None),
            "recurrent_initializer": initializer("Orthogonal", gain=1.0, seed=None),
            "bias_initializer": initializer("Zeros"), "unit_forget_bias": True,
            "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}},
            "recurrent_regularizer": None, "bias_regularizer": None, "activity_regularizer": None,
            "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": 0}},
            "recurrent_constraint": None, "bias_constraint": None, "dropout": 0.1,
            "recurrent_dropout": 0.0, "implementation": 1,
        },
    },
    {
        "class_name": "Dense",
        "config": {
            "name": "dense_1", "trainable": True, "dtype": "float32", "units": 1,
            "activation": "sigmoid", "use_bias": True,
            "kernel_initializer": initializer("GlorotUniform", seed=None),
            "bias_initializer": initializer("Zeros"), "kernel_regularizer": None,
            "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None,
            "bias_constraint": None,
        },
    },
]  # fmt: skip
TRAINING = {
    "optimizer_config": {
        "class_name": "Adam",
        "config": {
            "name": "Adam", "learning_rate": 0.002, "decay": 0.5, "beta_1": 0.9, "beta_2": 0.999,
            "epsilon": 1e-7, "amsgrad": False,
        },
    },
    "loss": "binary_crossentropy",
    "metrics": [[
        {"class_name": "MeanMetricWrapper",
         "config": {"name": "acc", "dtype": "float32", "fn": "binary_accuracy"}},
    ]],
    "weighted_metrics": None, "loss_weights": None, "sample_weight_mode": None,
}  # fmt: skip
SHAPES = {
    "embedding_1": {"embedding_1/embeddings:0": (8, 3)},
    "lstm_1": {
        "lstm_1/kernel:0": (3, 8), "lstm_1/recurrent_kernel:0": (2, 8), "lstm_1/bias:0": (8,),
    },
    "dense_1": {"dense_1/kernel:0": (2, 1), "dense_1/bias:0": (1,)},
}  # fmt: skip


@pytest.mark.parametrize("layers", [LAYERS, {"name": "sequential_1", "layers": LAYERS}])
def test_a_whole_model(layers: Any, tmp_path: Path) -> None:
    rng, path = np.random.default_rng(0), tmp_path / "old.hdf5"
    arrays: list[Any] = []
    with h5py.File(path, "w") as file:
        config = {"class_name": "Sequential", "config": layers}
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["training_config"] = json.dumps(TRAINING).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in SHAPES]
        for name, shapes in SHAPES.items():
            part = group.create_group(name)
            part.attrs["weight_names"] = [weight.encode() for weight in shapes]
            for weight, shape in shapes.items():
                arrays.append(rng.standard_normal(shape).astype("float32"))
                part.create_dataset(weight, data=arrays[-1])
    model = saving.load_model(path)
    for stored, array in zip(model.get_weights(), arrays, strict=True):
        np.testing.assert_array_equal(stored, array)
    assert model.optimizer.nn.decay == 0.5
    x, y = rng.integers(0, 8, (6, 5)), rng.integers(0, 2, 6)
    assert set(model.evaluate(x, y, verbose=0, return_dict=True)) == {"acc", "loss"}
    lstm = model.layers[1].get_config()
    assert lstm["kernel_regularizer"]["config"]["l2"] == 0.01
    assert lstm["kernel_constraint"]["config"]["max_value"] == 3
