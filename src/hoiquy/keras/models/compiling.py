"""What `compile` sets, and the trainers of a model made from it."""

from dataclasses import replace
from typing import Any, cast

from hoiquy.keras import optimizers, usage
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError
from hoiquy.keras.kernels import await_kernels
from hoiquy.keras.models.compiled import Compiled
from hoiquy.keras.models.data import Data, target_shapes
from hoiquy.keras.models.protocol import BuildableModel
from hoiquy.keras.seed import next_seed
from hoiquy.keras.structures import flatten
from hoiquy.nn.optimizers import SGD
from hoiquy.training.arrays import Objective, Trainer

_COMPILE_IGNORED = {
    "run_eagerly": "there is one way to run",
    "steps_per_execution": "it changes speed only",
    "jit_compile": "kernels are always compiled",
    "auto_scale_loss": "losses in float32 need no scaling",
    "sample_weight_mode": "the shape of the weights says it",
    "class_mode": "the loss says it",
    "target_tensors": "targets are arrays",
    "experimental_run_tf_function": "TensorFlow is not used",
    "experimental_steps_per_execution": "it changes speed only",
}


class Compiling:
    """Losses, metrics and optimizer of a model."""

    def _set_up_training(self) -> None:
        self._compiled: Compiled | None = None
        self._trainer: Trainer | None = None
        self._predictor: Trainer | None = None
        self.stop_training = False
        self.history: Any = None
        self.batch_size: int | None = None  # of the last fit
        self.fitted_rows = (0, 0)  # of the last fit: rows for training and for validation

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        **kwargs: Any,
    ) -> None:
        """Set what the model is trained with.

        Args:
            optimizer: A name or an optimizer.
            loss: A name, a loss or one of the functions of `keras.losses`; for several outputs
                also a list or a dictionary by output.
            loss_weights: Factors of the losses of several outputs: a list or a dictionary. What is
                not a number is taken as `metrics`, the third argument in Keras 1 and 2.
            metrics: Names, metrics or functions of `keras.metrics`, without sample weights.
            weighted_metrics: As `metrics`, with sample weights.
            **kwargs: Further arguments of Keras, which cannot change a result.

        Raises:
            KerasError: A name is unknown.
            KerasTypeError: An argument is unknown.
        """
        usage.record_used("Model.compile")
        for name, value in kwargs.items():
            if name not in _COMPILE_IGNORED:
                known = ["optimizer", "loss", "loss_weights", "metrics", "weighted_metrics"]
                raise unknown_argument("compile", name, [*known, *_COMPILE_IGNORED])
            if value not in (None, False, "auto", 1):
                usage.record_ignored("Model.compile", name, _COMPILE_IGNORED[name])
        numbers = [each for each in flatten(loss_weights) if each is not None]
        if metrics is None and any(not hasattr(each, "__float__") for each in numbers):
            metrics, loss_weights = loss_weights, None
        self._trainer = None
        self._compiled = Compiled(
            optimizers.get(optimizer), loss, loss_weights, metrics, weighted_metrics
        )
        self._compiled.check()

    @property
    def compiled_settings(self) -> Compiled | None:
        """What `compile` set last."""
        return self._compiled

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compiled is not None

    @property
    def optimizer(self) -> Any:
        """The optimizer; None before `compile`."""
        return None if self._compiled is None else self._compiled.optimizer

    @property
    def loss(self) -> Any:
        """The loss as `compile` was given it; None before."""
        return None if self._compiled is None else self._compiled.loss

    @property
    def metrics(self) -> list[Any]:
        """The metrics of all outputs, once data were seen."""
        objectives = (self._compiled and self._compiled.objectives) or []
        return [metric for each in objectives for metric in (*each.metrics, *each.weighted_metrics)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in order; "loss" alone before the first data."""
        if self._trainer is None:
            return ["loss"]
        return list(in_order(self._trainer.measures.logs(), self._trainer.objectives))

    def reset_metrics(self) -> None:
        """Forget what metrics have seen."""
        if self._trainer is not None:
            self._trainer.measures.reset()

    def require_compiled(self) -> None:
        """Raise KerasError before `compile`."""
        if self._compiled is None:
            name = cast(BuildableModel, self).name
            raise KerasError(
                f"{name} is not compiled: call model.compile(optimizer=…, loss=…) first"
            )

    def show_accuracy(self, wanted: Any) -> None:
        """Measure accuracy from now on if `compile` set no metrics: an option of Keras 0."""
        if wanted and self._compiled is not None and self._compiled.metrics is None:
            self._compiled, self._trainer = replace(self._compiled, metrics=["accuracy"]), None

    def prepared_trainer(self, data: Data) -> Trainer:
        """The trainer for the present graph; data decide what "accuracy" means."""
        model, compiled = cast(BuildableModel, self), self._compiled
        assert compiled is not None
        shapes = target_shapes(model, data) if self._needs_shapes() else []
        if shapes and compiled.loss is not None and all(shape is None for shape in shapes):
            raise KerasError(f"{model.name}: y is missing, which the loss needs")
        if self._trainer is None or self._trainer.graph is not model.graph:
            predictions = [tensor.shape for tensor in model.outputs]
            objectives = compiled.resolve(model.output_names, predictions, shapes)
            if not model.added_losses:
                _require_losses(model.name, objectives)
            await_kernels()
            self._trainer = Trainer(model.graph, objectives, compiled.optimizer.nn, next_seed())
        return self._trainer

    def _needs_shapes(self) -> bool:
        model, compiled = cast(BuildableModel, self), self._compiled
        return not model.built or compiled is None or compiled.objectives is None

    def trainer_for_predictions(self) -> Trainer:
        """Computes outputs of the present graph; a model that is not compiled has one, too."""
        graph = cast(BuildableModel, self).graph
        if self._predictor is None or self._predictor.graph is not graph:
            names = cast(BuildableModel, self).output_names
            objectives = [Objective(name, None) for name in names]
            await_kernels()
            self._predictor = Trainer(graph, objectives, SGD(), 0)
        return self._predictor


def returned(logs: dict[str, float], objectives: list[Objective], as_dict: bool) -> Any:
    """What `evaluate` returns: a dictionary, or the values in order, the only one by itself."""
    if as_dict:
        return dict(sorted(logs.items()))
    values = list(in_order(logs, objectives).values())
    return values[0] if len(values) == 1 else values


def in_order(logs: dict[str, float], objectives: list[Objective]) -> dict[str, float]:
    """Logs in the order of what `evaluate` returns in Keras 3."""
    metrics = [m.name for each in objectives for m in (*each.metrics, *each.weighted_metrics)]
    losses = [f"{each.name}_loss" for each in objectives]
    order = [name for name in dict.fromkeys(["loss", *metrics, *losses]) if name in logs]
    order += sorted(name for name in logs if name not in order)
    return {name: logs[name] for name in order}


def _require_losses(owner: str, objectives: list[Objective]) -> None:
    if all(objective.loss is None for objective in objectives):
        raise KerasError(f"{owner} has no loss: call model.compile(loss=…)")
