"""Random Keras models: imported, they give Keras' outputs and gradients, or a documented refusal.

Keras computes in float64 what hoiquy computes in float32, from the same float32 weights.
HOIQUY_KERAS_MODELS=150 pytest tests/interop/test_random_keras_models.py -s tries so many.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jax
import keras
import numpy as np
import pytest
from keras.src.backend.common import dtypes
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.errors import InputError
from hoiquy.interop.keras.import_run import import_keras
from hoiquy.interop.keras.text import TextOptions
from hoiquy.interop.parity import in_float64
from hoiquy.nn.shards import shard_pool
from hoiquy.prediction.predictor import Predictor
from hoiquy.training.gradients import batch_gradients
from keras_twins import OPTIMIZED, keras_in, relative_error

L = keras.layers
MODELS = int(os.environ.get("HOIQUY_KERAS_MODELS", 3))
ROWS, LENGTH, DOCUMENTS = 30, 7, 12
# Largest errors of an output, and of a gradient relative to the largest of its array.
OUTPUTS, GRADIENTS = 1e-6, 5e-5
IN_FLOAT64 = 1e-9


@dataclass(frozen=True)
class Spec:
    """A model and how its documents are padded; `refusal`: why hoiquy must refuse it, or ""."""

    layers: tuple[tuple[str, dict[str, Any]], ...]
    padding: Any
    refusal: str

    @property
    def output(self) -> dict[str, Any]:
        return self.layers[-1][1]

    def build(self) -> Any:
        layers = [keras.Input((LENGTH,), dtype="int32")]
        for kind, options in self.layers:
            options = dict(options)
            both_ways = options.pop("both_ways", False)
            layer = getattr(L, kind)(**options)
            layers.append(L.Bidirectional(layer) if both_ways else layer)
        return keras.Sequential(layers)


def random_spec(rng: Generator) -> Spec:
    mask = bool(rng.random() < 0.5)
    padding, refusal = rng.choice(["left", "right"]), ""
    layers: list[tuple[str, dict[str, Any]]] = [
        ("Embedding", {"input_dim": ROWS, "output_dim": units(rng, 20), "mask_zero": mask})
    ]
    if rng.random() < 0.3:
        kind = rng.choice(["Dropout", "SpatialDropout1D", "GaussianDropout", "AlphaDropout"])
        layers.append((str(kind), {"rate": 0.3}))
    depth = int(rng.integers(1, 3))
    pools = rng.random() < 0.3
    for at in range(depth):
        last = at == depth - 1 and not pools
        options = recurrent(rng, return_sequences=not last)
        zero = options.pop("zero_output_for_mask")
        if not options["both_ways"]:
            options["zero_output_for_mask"] = zero
            if zero and last and mask and padding == "right":
                refusal = "zero_output_for_mask = True with a mask"
        layers.append((options.pop("kind"), options))
    if pools:
        kind = str(rng.choice(["GlobalMaxPooling1D", "GlobalAveragePooling1D"]))
        layers.append((kind, {}))
        if mask and "Max" in kind:
            refusal = "includes masked steps"
    if rng.random() < 0.3:
        layers.append(
            ("Dense", {"units": units(rng, 20), "activation": rng.choice(["relu", "tanh"])})
        )
    outputs = int(rng.integers(1, 6))
    activation = "sigmoid" if outputs == 1 else str(rng.choice(["sigmoid", "softmax"]))
    layers.append(("Dense", {"units": outputs, "activation": activation}))
    return Spec(tuple(layers), padding, refusal)


def recurrent(rng: Generator, return_sequences: bool) -> dict[str, Any]:
    kind = str(rng.choice(["SimpleRNN", "LSTM", "GRU"]))
    options = {
        "kind": kind, "units": units(rng, 70), "return_sequences": return_sequences,
        "both_ways": bool(rng.random() < 0.4), "zero_output_for_mask": bool(rng.random() < 0.2),
        "dropout": 0.2, "recurrent_dropout": 0.1,
    }  # fmt: skip
    if kind == "SimpleRNN":
        options["activation"] = str(rng.choice(["tanh", "relu"]))
    if rng.random() < 0.3:
        options["kernel_regularizer"] = keras.regularizers.L2(0.01)
    return options


def units(rng: Generator, most: int) -> int:
    """From 1, often one of the sizes around a vector of the kernels."""
    return (
        int(rng.choice([1, 2, 7, 8, 9])) if rng.random() < 0.4 else int(rng.integers(1, most + 1))
    )


def documents(rng: Generator, padding: str) -> NDArray[np.int32]:
    indices = rng.integers(1, ROWS, (DOCUMENTS, LENGTH)).astype(np.int32)
    for row, count in zip(indices, rng.integers(1, LENGTH + 1, DOCUMENTS), strict=True):
        row[count:] = 0
    return indices if padding == "right" else np.ascontiguousarray(indices[:, ::-1])


def targets_for(rng: Generator, outputs: int) -> NDArray[np.float32]:
    return np.eye(outputs, dtype=np.float32)[rng.integers(0, outputs, DOCUMENTS)]


def keras_in_float64(
    spec: Spec, weights: list[Any], indices: Any, targets: Any
) -> tuple[Any, list[Any]]:
    """Outputs, and gradients of the loss with its penalty."""
    # Outside TensorFlow, Keras' tanh and mean round to float32 whatever they are given.
    rounds_not = patch.dict(dtypes.BIT64_TO_BIT32_DTYPE, {"float64": "float64"})
    with keras_in(np.float64), rounds_not:
        model = spec.build()
        model.set_weights(weights)
        trained = [variable.value for variable in model.trainable_variables]
        others = [variable.value for variable in model.non_trainable_variables]

        def loss(trained: Any) -> Any:
            p, _, penalties = model.stateless_call(
                trained, others, indices, training=False, return_losses=True
            )
            ones = targets * jax.numpy.log(p)
            if spec.output["activation"] == "softmax":
                losses = -ones.sum(axis=-1)
            else:
                losses = -(ones + (1 - targets) * jax.numpy.log1p(-p)).mean(axis=-1)
            return losses.mean() + sum(penalties), p

        differentiate = jax.jit(jax.value_and_grad(loss, has_aux=True), compiler_options=OPTIMIZED)
        (_, p), gradients = differentiate(trained)
        return np.asarray(p), [np.asarray(gradient) for gradient in gradients]


def hoiquy_gradients(model: Any, indices: Any, targets: Any, single: bool) -> list[Any]:
    """In the order of Keras' variables; of one sigmoid, the two outputs' together."""
    with shard_pool() as pool:
        result = batch_gradients(model, indices, targets.astype(model.dtype), pool, None)
    found = [result.gradients[name] for name in model.parameters]
    if single:  # the outputs are -z and z
        found[-2:] = [array[..., 1:] - array[..., :1] for array in found[-2:]]
    return found


def differences(spec: Spec, rng: Generator, folder: Path) -> dict[str, float]:
    """The largest of outputs and gradients, of the imported run in float32 and in float64."""
    model = spec.build()
    for variable in model.trainable_variables:
        if "bias" in variable.name:
            variable.assign(rng.normal(0, 0.3, variable.shape))
    model.save(folder / "m.keras")
    words = folder / "words.txt"
    words.write_text("\n".join(f"w{number}" for number in range(ROWS)), encoding="utf-8")
    run = import_keras(
        folder / "m.keras", folder / "run", vocabulary=words,
        text_options=TextOptions(padding=spec.padding, truncating=spec.padding),
    )  # fmt: skip
    indices = documents(rng, spec.padding)
    single = spec.output["units"] == 1
    targets = targets_for(rng, 2 if single else spec.output["units"])
    theirs, their_gradients = keras_in_float64(
        spec, model.get_weights(), indices, targets[:, 1:] if single else targets
    )
    theirs = np.concatenate([1 - theirs, theirs], axis=1) if single else theirs
    found = {}
    ours = Predictor.from_run(run).model
    for name, one in (("float32", ours), ("float64", in_float64(ours))):
        found[f"outputs {name}"] = float(np.abs(one.probabilities(indices) - theirs).max())
        gradients = hoiquy_gradients(one, indices, targets, single)
        found[f"gradients {name}"] = max(
            relative_error(np.asarray(a), b)
            for a, b in zip(gradients, their_gradients, strict=True)
        )
    return found


@pytest.mark.parametrize("number", range(MODELS))
@pytest.mark.filterwarnings("ignore:Layer 'global_max_pooling1d")
def test_outputs_and_gradients_are_keras(number: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(number)
    spec = random_spec(rng)
    if spec.refusal:
        with pytest.raises(InputError, match=spec.refusal):
            differences(spec, rng, tmp_path)
        return
    found = differences(spec, rng, tmp_path)
    print(number, {key: f"{value:.1e}" for key, value in found.items()})
    assert max(found["outputs float64"], found["gradients float64"]) < IN_FLOAT64, spec
    assert found["outputs float32"] < OUTPUTS, spec
    assert found["gradients float32"] < GRADIENTS, spec
