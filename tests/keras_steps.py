"""Training steps of a Keras model that also give the gradients, which Keras' own do not."""

from typing import Any, NamedTuple

import jax
import numpy as np
from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

from keras_twins import OPTIMIZED
from random_keras_models import Array
from random_keras_training import Batch, Plan


class Step(NamedTuple):
    """What one step computed: `outputs` are those in training, `weights` those after it."""

    loss: float
    outputs: list[Array]
    gradients: list[Array]
    weights: list[Array]


class KerasSteps:
    """Compiles outputs, loss, gradients and update of a compiled Keras model as one function."""

    def __init__(self, model: Any, plan: Plan) -> None:
        self.model, self.plan = model, plan
        model._symbolic_build(data_batch=self._arrays(plan.batches[0]))
        self._step = jax.jit(self._traced)

    def __call__(self, batch: Batch) -> Step:
        model = self.model
        state = (
            model.trainable_variables, model.non_trainable_variables, model.optimizer.variables,
            model.metrics_variables,
        )  # fmt: skip
        values = [[variable.value for variable in variables] for variables in state]
        found, *new = self._step(values, self._arrays(batch))
        if not all(np.isfinite(gradient).all() for gradient in found[2]):
            # Of a maximum that XLA computed twice, with different rounding.
            self._step = jax.jit(self._traced, compiler_options=OPTIMIZED)
            found, *new = self._step(values, self._arrays(batch))
        for variables, updated in zip(state[:3], new, strict=True):
            for variable, value in zip(variables, updated, strict=True):
                variable.assign(value)
        loss, outputs, gradients = found
        outputs = outputs if isinstance(outputs, list) else [outputs]
        weights = [variable.value for variable in model.weights]
        arrays = ([np.array(a) for a in some] for some in (outputs, gradients, weights))
        return Step(float(loss), *arrays)

    def _traced(self, state: Any, data: Any) -> Any:
        trained, others, of_optimizer, of_metrics = state
        gradient = jax.value_and_grad(self.model.compute_loss_and_updates, has_aux=True)
        (_, (loss, outputs, others, _)), gradients = gradient(
            trained, others, of_metrics, *data, training=True, optimizer_variables=of_optimizer
        )
        optimizer = self.model.optimizer
        trained, of_optimizer = optimizer.stateless_apply(of_optimizer, gradients, trained)
        return (loss, outputs, gradients), trained, others, of_optimizer

    def _arrays(self, batch: Batch) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights as `fit` gives them to a step."""
        weights: Any = batch.weights
        if self.plan.class_weight is not None:
            classes = class_weight_to_sample_weights(batch.targets[0], self.plan.class_weight)
            weights = [np.asarray(classes)]
        one_or_several = [one(arrays) for arrays in (batch.inputs, batch.targets, weights)]
        return tuple(one_or_several)  # type: ignore[return-value]


def one(arrays: Any) -> Any:
    """A list of one array is that array, as users give them."""
    return arrays[0] if arrays is not None and len(arrays) == 1 else arrays
