"""compile, fit, evaluate and predict of models."""

from typing import TYPE_CHECKING, Any, cast

from hoiquy.keras import optimizers, usage
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.callbacks import CallbackList
from hoiquy.keras.errors import KerasError, as_value_errors
from hoiquy.keras.models.compiled import Compiled
from hoiquy.keras.models.data import Data, one_batch, split, target_shapes, training_data
from hoiquy.keras.models.listener import CallbackListener
from hoiquy.keras.models.old_methods import OldMethods
from hoiquy.keras.seed import next_seed
from hoiquy.training import arrays
from hoiquy.training.arrays import Arrays, Objective, Trainer

if TYPE_CHECKING:
    from hoiquy.keras.models.model import Model

_NO_PROCESSES = "batches are made where they are needed"
_FIT_IGNORED = dict.fromkeys(
    ("workers", "use_multiprocessing", "max_queue_size", "nb_worker", "pickle_safe"), _NO_PROCESSES
)
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


class Training(OldMethods):
    """What a model needs to be trained; the base of `Model`."""

    def _set_up_training(self) -> None:
        self._compiled: Compiled | None = None
        self._trainer: Trainer | None = None
        self._predictor: Trainer | None = None
        self.stop_training = False
        self.history: Any = None
        self.batch_size: int | None = None  # of the last fit
        self.fitted_rows = (0, 0)  # of the last fit: rows for training and for validation

    # Settings

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
            loss_weights: Factors of the losses of several outputs: a list or a dictionary.
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
        self._trainer = None
        self._compiled = Compiled(
            optimizers.get(optimizer), loss, loss_weights, metrics, weighted_metrics
        )
        self._compiled.check()

    @property
    def compiled(self) -> bool:
        return self._compiled is not None

    @property
    def optimizer(self) -> Any:
        return None if self._compiled is None else self._compiled.optimizer

    @property
    def loss(self) -> Any:
        return None if self._compiled is None else self._compiled.loss

    @property
    def metrics(self) -> list[Any]:
        """The metrics of all outputs, once data were seen."""
        objectives = (self._compiled and self._compiled.objectives) or []
        return [metric for each in objectives for metric in (*each.metrics, *each.weighted_metrics)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order; "loss" alone before the first data."""
        if self._trainer is None:
            return ["loss"]
        return list(_in_order(self._trainer.measures.logs(), self._trainer.objectives))

    def reset_metrics(self) -> None:
        """Forget what metrics have seen."""
        if self._trainer is not None:
            self._trainer.measures.reset()

    # Training

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **kwargs: Any,
    ) -> Any:
        """Train the model; arguments as in Keras.

        Returns:
            The `History`: losses and metrics of each epoch.

        Raises:
            KerasError: The model is not compiled, or arrays do not fit it or each other.
        """
        epochs = kwargs.pop("nb_epoch", epochs)
        _ignore("fit", kwargs, _FIT_IGNORED)
        with usage.timed("fit"), as_value_errors():
            model = cast("Model", self)
            self._require_compiled()
            data = training_data(model, x, y, sample_weight, None, bool(shuffle))
            validation: Data | None = None
            if validation_data is not None:
                validation = self._validation_data(validation_data)
            elif validation_split:
                if not isinstance(data, Arrays):
                    raise KerasError("validation_split needs arrays: give validation_data instead")
                data, validation = split(data, float(validation_split))
            if class_weight is not None:
                data = self._with_class_weights(data, x, class_weight, bool(shuffle))
            trainer = self._prepared_trainer(data)
            size = self._recorded_size(batch_size, data, validation)
            steps = steps_per_epoch if steps_per_epoch is not None else number_of_steps(data, size)
            with CallbackList(
                callbacks, add_history=True, add_progbar=verbose != 0, model=self,
                verbose=_verbosity(verbose), epochs=epochs, steps=steps,
            ) as listed:  # fmt: skip
                restored = listed.restored_epoch()
                arrays.fit(
                    trainer, data, batch_size=size, steps_per_epoch=steps_per_epoch,
                    epochs=range(initial_epoch if restored is None else restored, epochs),
                    shuffle=shuffle,
                    validation=None if validation is None else arrays.Validation(
                        validation, validation_batch_size, validation_steps, validation_freq
                    ),
                    listener=CallbackListener(self, listed),
                )  # fmt: skip
            return self.history

    def _recorded_size(self, batch_size: Any, data: Data, validation: Data | None) -> int:
        """The batch size of a fit, recorded with the numbers of rows."""
        self.batch_size = 32 if batch_size is None else _positive("batch_size", batch_size)
        self.fitted_rows = _rows(data), _rows(validation)
        return self.batch_size

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics of some data; arguments as in Keras.

        Returns:
            The loss, a list of loss and metrics, or with `return_dict` a dictionary.

        Raises:
            KerasError: As `fit`.
        """
        _ignore("evaluate", kwargs, _FIT_IGNORED)
        with usage.timed("evaluate"), as_value_errors():
            self._require_compiled()
            data = training_data(cast("Model", self), x, y, sample_weight)
            trainer = self._prepared_trainer(data)
            size = 32 if batch_size is None else _positive("batch_size", batch_size)
            with CallbackList(
                callbacks, add_progbar=verbose != 0, model=self, verbose=_verbosity(verbose),
                epochs=1, steps=steps if steps is not None else number_of_steps(data, size),
            ) as listed:  # fmt: skip
                logs = arrays.evaluate(
                    trainer, data, batch_size=size, steps=steps,
                    listener=CallbackListener(self, listed),
                )  # fmt: skip
            return _returned(logs, trainer.objectives, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The outputs for some data, as arrays in the structure of the model's outputs.

        Raises:
            KerasError: Arrays do not fit the model.
        """
        _ignore("predict", kwargs, _FIT_IGNORED)
        with usage.timed("predict"), as_value_errors():
            model = cast("Model", self)
            data = training_data(model, x, None, None)
            if not isinstance(data, Arrays):
                target_shapes(model, data)
            size = 32 if batch_size is None else _positive("batch_size", batch_size)
            with CallbackList(
                callbacks, add_progbar=verbose != 0, model=self, verbose=_verbosity(verbose),
                epochs=1, steps=steps if steps is not None else number_of_steps(data, size),
            ) as listed:  # fmt: skip
                outputs = arrays.predict(
                    self._trainer_for_predictions(), data, batch_size=size, steps=steps,
                    listener=CallbackListener(self, listed),
                )  # fmt: skip
            return model.packed_outputs(list(outputs))

    # Single batches

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None,
        return_dict: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """One training step on one batch; returns the running loss and metrics."""
        self._prepare_single(kwargs)
        with usage.timed("train_on_batch"), as_value_errors():
            self._require_compiled()
            batch = one_batch(cast("Model", self), x, y, sample_weight, class_weight)
            trainer = self._prepared_trainer(Arrays(batch))
            return _returned(trainer.train_batch(batch), trainer.objectives, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Score one batch; returns the running loss and metrics."""
        self._prepare_single(kwargs)
        with usage.timed("test_on_batch"), as_value_errors():
            self._require_compiled()
            batch = one_batch(cast("Model", self), x, y, sample_weight)
            trainer = self._prepared_trainer(Arrays(batch))
            return _returned(trainer.test_batch(batch), trainer.objectives, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        with usage.timed("predict_on_batch"), as_value_errors():
            model = cast("Model", self)
            batch = one_batch(model, x, None, None)
            outputs = self._trainer_for_predictions().predict_batch(batch.inputs)
            return model.packed_outputs(list(outputs))

    def _prepare_single(self, kwargs: dict[str, Any]) -> None:
        if kwargs.pop("reset_metrics", False):
            self.reset_metrics()
        _ignore("train_on_batch", kwargs, {})

    # Trainers

    def _require_compiled(self) -> None:
        if self._compiled is None:
            name = cast("Model", self).name
            raise KerasError(
                f"{name} is not compiled: call model.compile(optimizer=…, loss=…) first"
            )

    def _prepared_trainer(self, data: Data) -> Trainer:
        """The trainer for the present graph; data decide what "accuracy" means."""
        model, compiled = cast("Model", self), self._compiled
        assert compiled is not None
        shapes = target_shapes(model, data) if self._needs_shapes() else []
        if self._trainer is None or self._trainer.graph is not model.graph:
            predictions = [tensor.shape for tensor in model.outputs]
            objectives = compiled.resolve(model.output_names, predictions, shapes)
            _require_losses(model.name, objectives)
            self._trainer = Trainer(model.graph, objectives, compiled.optimizer.nn, next_seed())
        return self._trainer

    def _needs_shapes(self) -> bool:
        model, compiled = cast("Model", self), self._compiled
        return not model.built or compiled is None or compiled.objectives is None

    def _trainer_for_predictions(self) -> Trainer:
        graph = cast("Model", self).graph
        if self._predictor is None or self._predictor.graph is not graph:
            names = cast("Model", self).output_names
            objectives = [Objective(name, None) for name in names]
            self._predictor = Trainer(graph, objectives, optimizers.get("sgd").nn, 0)
        return self._predictor

    def _validation_data(self, given: Any) -> Data:
        model = cast("Model", self)
        if isinstance(given, list | tuple) and len(given) in (2, 3):
            x, y, weights = (*given, None)[:3]
            return training_data(model, x, y, weights)
        if isinstance(given, list | tuple):
            raise KerasError(
                f"validation_data has {len(given)} parts, expected (x, y) or (x, y, sample_weight)"
            )
        return training_data(model, given, None, None)

    def _with_class_weights(self, data: Data, x: Any, class_weight: Any, shuffle: bool) -> Data:
        """The training data, without the validation part, with the weights of their classes."""
        if not isinstance(data, Arrays):
            return training_data(cast("Model", self), x, None, None, class_weight, shuffle)
        from hoiquy.keras.data.targets import class_weights_as_sample_weights

        batch = data.whole
        if any(weights is not None for weights in batch.weights):
            raise KerasError("give class_weight or sample_weight, not both")
        weights = class_weights_as_sample_weights(class_weight, list(batch.targets))
        return Arrays(batch._replace(weights=weights))


def number_of_steps(data: Data, size: int) -> int | None:
    """The batches of an epoch; None if that is unknown."""
    if isinstance(data, Arrays):
        return -(-data.rows // size)
    try:
        return len(data)
    except TypeError:
        return None


def _rows(data: Data | None) -> int:
    """The rows of arrays; 0 for what is not known."""
    return data.rows if isinstance(data, Arrays) else 0


def _returned(logs: dict[str, float], objectives: list[Objective], as_dict: bool) -> Any:
    if as_dict:
        return dict(logs)
    values = list(_in_order(logs, objectives).values())
    return values[0] if len(values) == 1 else values


def _in_order(logs: dict[str, float], objectives: list[Objective]) -> dict[str, float]:
    """Logs in the order of what `evaluate` returns in Keras 3."""
    metrics = [m.name for each in objectives for m in (*each.metrics, *each.weighted_metrics)]
    losses = [f"{each.name}_loss" for each in objectives]
    order = [name for name in dict.fromkeys(["loss", *metrics, *losses]) if name in logs]
    order += sorted(name for name in logs if name not in order)
    return {name: logs[name] for name in order}


def _require_losses(owner: str, objectives: list[Objective]) -> None:
    if all(objective.loss is None for objective in objectives):
        raise KerasError(f"{owner} has no loss: call model.compile(loss=…)")


def _ignore(method: str, kwargs: dict[str, Any], ignored: dict[str, str]) -> None:
    for name in kwargs:
        if name not in ignored:
            raise unknown_argument(method, name, [*ignored, "x", "y", "batch_size", "epochs",
                                                  "verbose", "callbacks", "validation_data",
                                                  "sample_weight", "steps"])  # fmt: skip
        usage.record_ignored(f"Model.{method}", name, ignored[name])


def _verbosity(verbose: Any) -> int:
    return 1 if verbose in ("auto", True) else int(verbose)


def _positive(name: str, value: Any) -> int:
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise KerasError(f"{name}={value!r}, expected a whole number, 1 or more")
    return int(value)
