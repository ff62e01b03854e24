"""Training a recipe on real Keras 3, with the interface of `hoiquy.training.loop`."""

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
    """A trained Keras model with its history; as `training.loop.Fitted` for our engine."""

    recipe: Recipe
    vocabulary_size: int
    model: "keras.Model"  # gives logits
    history: list[EpochRecord]
    multilabel: bool = False

    @property
    def engine_name(self) -> str:
        return engine_name()

    @property
    def parameters(self) -> dict[str, Array]:
        """Copies of the weights, as `hoiquy.nn.model.Model.parameters` names them."""
        words = self.vocabulary_size
        return get_keras_parameters(self.model, self.recipe, vocabulary_size=words)

    def score(self, split: Split) -> Scores:
        """Score a split; nothing is dropped. The loss has the l2 penalty in it."""
        keras = load_keras()
        indices, targets = _arrays(split)
        logits = self.model.predict(indices, self.recipe.training.batch_size, verbose=0)
        to_numpy = keras.ops.convert_to_numpy
        penalty = sum(float(to_numpy(l2)) for l2 in self.model.losses)
        loss = float(to_numpy(_loss(keras, self.recipe)(targets, logits))) + penalty
        probabilities = _probabilities(keras, self.recipe)(logits)
        right = _right_of(self.multilabel)(targets, probabilities)
        accuracy = float(to_numpy(right).mean(dtype=np.float64))
        return Scores(loss, accuracy, np.array(to_numpy(probabilities), np.float32))


def fit_keras(
    recipe: Recipe,
    prepared: Prepared,
    on_event: Listener = ignore,
    after_epoch: AfterEpoch | None = None,
) -> FittedKeras:
    """Train a recipe's model on prepared documents, on Keras with the backend of `load_keras`.

    Layers, initialisers, shuffling, dropout and Adam are Keras' own; random numbers come from
    `keras.utils.set_random_seed`, which also seeds Python's and NumPy's. The loss is computed from
    logits. This is what Keras on TensorFlow does for a sigmoid or softmax output too: it keeps the
    logits behind it. On JAX and PyTorch it would clip probabilities at 1e-7 instead, which stops
    learning from outputs that are confidently wrong: from logits a recipe means the same on every
    backend.
    The first epoch's seconds include Keras' compilation.

    `after_epoch(parameters, history)` is called when an epoch is done, before its event.
    Raises TrainingError when the loss is no longer a number, MissingExtraError without Keras,
    InputError for a backend that cannot train.
    """
    engine_name()  # raises for a backend that cannot train
    keras = load_keras()
    settings = recipe.training
    check_keras_trains(recipe)
    keras.utils.set_random_seed(settings.seed % 2**32)  # NumPy's seeds have 32 bits
    words = len(prepared.vocabulary.words)
    model = build_keras_model(recipe, vocabulary_size=words, classes=prepared.classes, logits=True)
    steps = math.ceil(len(prepared.train) / settings.batch_size)
    activated = _probabilities(keras, recipe)

    def right(targets: Any, logits: Any) -> Any:
        return _right_of(prepared.multilabel)(targets, activated(logits))

    model.compile(
        optimizer=keras.optimizers.Adam(
            keras_learning_rate(settings, steps), global_clipnorm=settings.clip_norm
        ),
        loss=_loss(keras, recipe),
        metrics=[keras.metrics.MeanMetricWrapper(right, name="accuracy")],
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
    """Turns Keras' callbacks into events and into the history of what is being fitted."""

    fitted: FittedKeras
    documents: int
    on_event: Listener
    after_epoch: AfterEpoch | None
    epoch: int = 0
    epoch_start: float = 0.0
    documents_per_second: float = 0.0
    best: list[Any] | None = None  # weights of the best epoch, if the recipe restores them

    @property
    def steps(self) -> int:
        return math.ceil(self.documents / self.fitted.recipe.training.batch_size)

    def callback(self, keras: Any) -> Any:
        return keras.callbacks.LambdaCallback(
            on_epoch_begin=self.epoch_begins,
            on_train_batch_end=self.step_ends,
            on_epoch_end=self.epoch_ends,
        )

    def epoch_begins(self, epoch: int, logs: dict[str, float]) -> None:
        self.epoch, self.epoch_start = epoch + 1, time.perf_counter()
        if isinstance(self.fitted.recipe.training.schedule, PlateauSchedule):
            self.fitted.model.optimizer.learning_rate = self._rate(0)

    def _rate(self, step: int) -> float:
        """The learning rate of a step, from 0, of this epoch."""
        fitted, epochs_done = self.fitted, self.epoch - 1 + step / self.steps
        return learning_rate(fitted.recipe.training, epochs_done, fitted.history)

    def step_ends(self, step: int, logs: dict[str, float]) -> None:
        """`step` counts from 0; `logs` are means over the epoch so far."""
        settings = self.fitted.recipe.training
        loss = float(logs["loss"])
        where = f"at epoch {self.epoch}, step {step + 1}"
        check_loss(self.fitted.recipe, "loss", loss, where)
        seen = min((step + 1) * settings.batch_size, self.documents)
        self.documents_per_second = seen / (time.perf_counter() - self.epoch_start)
        self.on_event(
            StepFinished(
                self.epoch, step + 1, loss, float(logs["accuracy"]), self.documents_per_second
            )
        )

    def epoch_ends(self, epoch: int, logs: dict[str, float]) -> None:
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
    """Every document of a split: indices (documents, max_length), targets (documents, classes)."""
    rows = np.arange(len(split), dtype=np.int64)
    return split.indices(rows), split.targets(rows)


def _loss(keras: Any, recipe: Recipe) -> Any:
    if recipe.training.loss == "categorical_crossentropy":
        return keras.losses.CategoricalCrossentropy(from_logits=True)
    return keras.losses.BinaryCrossentropy(from_logits=True)


def _probabilities(keras: Any, recipe: Recipe) -> Any:
    """Keras' own function of logits (documents, classes) that the last layer would apply."""
    return {"sigmoid": keras.ops.sigmoid, "softmax": keras.ops.softmax}[recipe.model.output]


def _is_right(targets: Any, probabilities: Any) -> Any:
    """1 where the largest probability is the target's, else 0: (documents,).

    Not the largest logit: outputs that are both 1 to rounding are a tie, which goes to the lower
    class, as it does in Keras' categorical accuracy.
    """
    ops = load_keras().ops
    predicted = ops.argmax(probabilities, axis=-1)
    return ops.cast(ops.equal(ops.argmax(targets, axis=-1), predicted), "float32")


def _right_of(multilabel: bool) -> Callable[[Any, Any], Any]:
    """(targets, probabilities) -> (documents,) 1 where the prediction is right, else 0."""
    return _all_labels_right if multilabel else _is_right


def _all_labels_right(targets: Any, probabilities: Any) -> Any:
    """1 where exactly the labels above THRESHOLD are the target's, else 0: (documents,)."""
    ops = load_keras().ops
    predicted = ops.greater(probabilities, THRESHOLD)
    same = ops.equal(predicted, ops.greater(targets, THRESHOLD))
    return ops.cast(ops.all(same, axis=-1), "float32")
