"""Train a recipe on Keras 3, with the interface of `hoiquy.training.loop`."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.events import (
    EpochFinished,
    Listener,
    StepFinished,
    TrainingStarted,
    ignore,
)
from hoiquy.interop.keras.backend import engine_name, load_keras
from hoiquy.interop.keras.limits import check_keras_trains
from hoiquy.interop.keras.model import build_keras_model
from hoiquy.interop.keras.parameters import get_keras_parameters
from hoiquy.interop.keras.schedule import keras_learning_rate
from hoiquy.nn.kernels import Array
from hoiquy.nn.metrics import THRESHOLD
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.training import PlateauSchedule
from hoiquy.runs.history import EpochRecord
from hoiquy.training.class_weights import class_weights
from hoiquy.training.early_stopping import best_epoch, stops_early
from hoiquy.training.encoding.prepared import Prepared, Split
from hoiquy.training.loop import AfterEpoch, check_loss
from hoiquy.training.schedules import learning_rate
from hoiquy.training.scoring import Scores

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class FittedKeras:
    """A trained Keras model with its history; counterpart of `training.loop.Fitted`."""

    recipe: Recipe
    vocabulary_size: int
    model: "keras.Model"  # outputs logits
    history: list[EpochRecord]
    multilabel: bool = False

    @property
    def engine_name(self) -> str:
        return engine_name()

    @property
    def parameters(self) -> dict[str, Array]:
        """Copies of the weights under hoiquy's names."""
        return get_keras_parameters(self.model, self.recipe, vocabulary_size=self.vocabulary_size)

    def score(self, split: Split) -> Scores:
        """Score a split without dropout. The loss includes the L2 penalty."""
        keras = load_keras()
        indices, targets = _arrays(split)
        logits = self.model.predict(indices, self.recipe.training.batch_size, verbose=0)
        to_numpy = keras.ops.convert_to_numpy
        penalty = sum(float(to_numpy(l2)) for l2 in self.model.losses)
        loss = float(to_numpy(_loss(keras, self.recipe)(targets, logits))) + penalty
        probabilities = _probabilities(keras, self.recipe)(logits)
        correct = _correct(self.multilabel)(targets, probabilities)
        accuracy = float(to_numpy(correct).mean(dtype=np.float64))
        return Scores(loss, accuracy, np.array(to_numpy(probabilities), np.float32))


def fit_keras(
    recipe: Recipe,
    prepared: Prepared,
    on_event: Listener = ignore,
    after_epoch: AfterEpoch | None = None,
) -> FittedKeras:
    """Train a recipe's model on prepared documents with Keras.

    Layers, initialisers, shuffling, dropout and Adam are Keras' own, seeded by
    `keras.utils.set_random_seed`. The loss is computed from logits, as Keras on TensorFlow does for
    a sigmoid or softmax output. On JAX and PyTorch Keras would clip probabilities at 1e-7, which
    gives no gradient for confidently wrong outputs; from logits all backends train alike.
    The first epoch's seconds include Keras' compilation.

    after_epoch: called with (parameters, history) after each epoch, before its event.
    Raises TrainingError if the loss is not a number, MissingExtraError without Keras, and
    InputError if the backend or Keras cannot train this recipe.
    """
    engine_name()
    keras = load_keras()
    settings = recipe.training
    check_keras_trains(recipe)
    keras.utils.set_random_seed(settings.seed % 2**32)  # NumPy's seeds have 32 bits
    words = len(prepared.vocabulary.words)
    model = build_keras_model(recipe, vocabulary_size=words, classes=prepared.classes, logits=True)
    steps = math.ceil(len(prepared.train) / settings.batch_size)
    activated = _probabilities(keras, recipe)

    def correct(targets: Any, logits: Any) -> Any:
        return _correct(prepared.multilabel)(targets, activated(logits))

    model.compile(
        optimizer=keras.optimizers.Adam(
            keras_learning_rate(settings, steps), global_clipnorm=settings.clip_norm
        ),
        loss=_loss(keras, recipe),
        metrics=[keras.metrics.MeanMetricWrapper(correct, name="accuracy")],
    )
    fitted = FittedKeras(recipe, words, model, [], prepared.multilabel)
    progress = _Progress(fitted, len(prepared.train), on_event, after_epoch)
    on_event(TrainingStarted(recipe.name, settings.epochs, progress.steps, len(prepared.train)))
    indices, targets = _arrays(prepared.train)
    weights = class_weights(recipe, prepared)
    model.fit(
        indices,
        targets,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        validation_data=_arrays(prepared.validation),
        class_weight=None if weights is None else dict(enumerate(weights.tolist())),
        callbacks=[progress.callback(keras)],
        verbose=0,
    )
    if progress.best is not None:
        model.set_weights(progress.best)
    return fitted


@dataclass
class _Progress:
    """Turns Keras' callbacks into events and history records."""

    fitted: FittedKeras
    documents: int
    on_event: Listener
    after_epoch: AfterEpoch | None
    epoch: int = 0
    epoch_start: float = 0.0
    documents_per_second: float = 0.0
    best: list[Any] | None = None  # weights of the best epoch if the recipe restores them

    @property
    def steps(self) -> int:
        return math.ceil(self.documents / self.fitted.recipe.training.batch_size)

    def callback(self, keras: Any) -> Any:
        return keras.callbacks.LambdaCallback(
            on_epoch_begin=self.on_epoch_begin,
            on_train_batch_end=self.on_step_end,
            on_epoch_end=self.on_epoch_end,
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        self.epoch, self.epoch_start = epoch + 1, time.perf_counter()
        if isinstance(self.fitted.recipe.training.schedule, PlateauSchedule):
            self.fitted.model.optimizer.learning_rate = self._rate(0)

    def _rate(self, step: int) -> float:
        """Return the learning rate of a step (from 0) of this epoch."""
        fitted, epochs_done = self.fitted, self.epoch - 1 + step / self.steps
        return learning_rate(fitted.recipe.training, epochs_done, fitted.history)

    def on_step_end(self, step: int, logs: dict[str, float]) -> None:
        """`step` counts from 0; `logs` are means over the epoch so far."""
        settings = self.fitted.recipe.training
        loss = float(logs["loss"])
        where = f"at epoch {self.epoch}, step {step + 1}"
        check_loss(self.fitted.recipe, "loss", loss, where)
        done = min((step + 1) * settings.batch_size, self.documents)
        self.documents_per_second = done / (time.perf_counter() - self.epoch_start)
        self.on_event(
            StepFinished(
                self.epoch, step + 1, loss, float(logs["accuracy"]), self.documents_per_second
            )
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        record = EpochRecord(
            epoch=epoch + 1,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_loss=float(logs["val_loss"]),
            val_accuracy=float(logs["val_accuracy"]),
            learning_rate=self._rate(self.steps - 1),
        )
        fitted = self.fitted
        fitted.history.append(record)
        stopping = fitted.recipe.training.early_stopping
        if stopping.restore_best and best_epoch(fitted.history, stopping) == record.epoch:
            self.best = fitted.model.get_weights()
        fitted.model.stop_training = stops_early(fitted.history, stopping)
        if self.after_epoch is not None:
            self.after_epoch(self.fitted.parameters, self.fitted.history)
        seconds = time.perf_counter() - self.epoch_start
        self.on_event(EpochFinished(record, seconds, self.documents_per_second))


def _arrays(split: Split) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return indices (documents, max_length) and targets (documents, classes) of a split."""
    rows = np.arange(len(split), dtype=np.int64)
    return split.indices(rows), split.targets(rows)


def _loss(keras: Any, recipe: Recipe) -> Any:
    if recipe.training.loss == "categorical_crossentropy":
        return keras.losses.CategoricalCrossentropy(from_logits=True)
    return keras.losses.BinaryCrossentropy(from_logits=True)


def _probabilities(keras: Any, recipe: Recipe) -> Any:
    """Return Keras' output activation, a function of logits (documents, classes)."""
    return {"sigmoid": keras.ops.sigmoid, "softmax": keras.ops.softmax}[recipe.model.output]


def _top_class_correct(targets: Any, probabilities: Any) -> Any:
    """Return (documents,): 1 where the largest probability is the target's, else 0.

    Logits would break ties differently: probabilities that both round to 1 go to the lower class,
    as in Keras' categorical accuracy.
    """
    ops = load_keras().ops
    predicted = ops.argmax(probabilities, axis=-1)
    return ops.cast(ops.equal(ops.argmax(targets, axis=-1), predicted), "float32")


def _correct(multilabel: bool) -> Callable[[Any, Any], Any]:
    return _all_labels_correct if multilabel else _top_class_correct


def _all_labels_correct(targets: Any, probabilities: Any) -> Any:
    """Return (documents,): 1 where the labels above THRESHOLD are the target's, else 0."""
    ops = load_keras().ops
    predicted = ops.greater(probabilities, THRESHOLD)
    same = ops.equal(predicted, ops.greater(targets, THRESHOLD))
    return ops.cast(ops.all(same, axis=-1), "float32")
