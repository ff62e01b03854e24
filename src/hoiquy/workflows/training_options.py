"""How a training is run: engine, time, logs, workers; none of it is part of the recipe."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypedDict, get_args

from hoiquy.errors import InputError
from hoiquy.events import Listener
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import Metric
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.workflows.run_start import Engine

METRICS: tuple[Metric, ...] = get_args(Metric)  # that an ensemble can aim at; the first by default


class OptionalTrainingOptions(TypedDict, total=False):
    """The fields of `TrainingOptions` as keywords."""

    engine: Engine
    minutes: float | None
    metric: Metric
    small: bool
    language_model: str | Path | None
    soft_labels: str | Path | None
    vectors: str | Path | None
    unlabelled: Any
    checkpoint_seconds: float
    log: Sequence[str]
    on_event: Listener | None
    quiet: bool
    workers: int | None
    ray: str | None


@dataclass(frozen=True)
class TrainingOptions:
    """How a training is run.

    Args:
        engine: "hoiquy", or "keras" to train the same recipe with real Keras.
        minutes: time budget; training stops in time, and "auto" chooses sizes that fit.
        metric: what the ensemble of "auto" aims at: "accuracy", "macro_f1" or "log_loss".
        small: whether only a linear classifier of at most 6 MB is trained, which is fast.
        language_model: a folder of `pretrain`, whose vocabulary and weights the run starts with.
        soft_labels: a folder of `pseudo_label`, whose texts are trained on as well.
        vectors: a file of word vectors (word2vec, GloVe, fastText) that the embedding starts with.
        unlabelled: texts without labels to learn from as well, as in `pretrain`: "auto" as in
            docs/unlabelled.md, other recipes by self-training.
        checkpoint_seconds: the longest time between two checkpoints within an epoch.
        log: loggers such as "tensorboard=DIR" or "mlflow=URI".
        on_event: called with each event; by default the progress is shown, in a notebook or on
            stderr.
        quiet: show no progress.
        workers: number of Ray actors; by default one for each machine.
        ray: train on Ray: "auto" on this machine, or HOST:PORT of a cluster.
    """

    engine: Engine = "hoiquy"
    minutes: float | None = None
    metric: Metric = "accuracy"
    small: bool = False
    language_model: str | Path | None = None
    soft_labels: str | Path | None = None
    vectors: str | Path | None = None
    unlabelled: Any = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    log: Sequence[str] = ()
    on_event: Listener | None = None
    quiet: bool = False
    workers: int | None = None
    ray: str | None = None

    def check(self) -> None:
        """Raise InputError for an unknown metric, or options that do not go together."""
        if self.vectors is not None and self.language_model is not None:
            raise InputError(
                "vectors and a language model both set the first weights of the embedding: pass "
                "one of them"
            )
        if self.vectors is not None and self.small:
            raise InputError(
                "small trains no network that could start from word vectors: leave out one of them"
            )
        if self.unlabelled is not None and self.small:
            raise InputError(
                "small trains no network that could learn from texts without labels: leave out one "
                "of them"
            )
        if self.metric not in METRICS:
            raise InputError(f"metric is {self.metric!r}, expected one of {', '.join(METRICS)}")
        if self.engine == "hoiquy":
            return
        for name in ("minutes", "language_model", "soft_labels", "vectors", "unlabelled", "ray"):
            if getattr(self, name) is not None:
                raise InputError(f"{name} needs hoiquy's own engine; engine is {self.engine!r}")

    def check_ensemble(self, single_because: str | None) -> None:
        """Raise InputError for options of ensembles if a single network is trained, and why."""
        of_ensembles = {
            f"metric {self.metric!r}": self.metric != METRICS[0],
            "small": self.small,
            "unlabelled": self.unlabelled is not None,
        }
        for name, is_given in of_ensembles.items():
            if single_because is not None and is_given:
                raise InputError(
                    f"{name} needs the ensemble of the recipe 'auto', but with {single_because} a "
                    f"single network is trained: leave out {name.split()[0]}"
                )

    def check_self_training(self) -> None:
        """Raise InputError for options that self-training does not have."""
        for name in ("minutes", "soft_labels", "ray", "metric"):
            if getattr(self, name) not in (None, METRICS[0]):
                raise InputError(
                    f"{name} does not go with texts without labels for a named recipe or a "
                    f"language model, which is trained twice: leave out {name}, or use the recipe "
                    f"'auto' without a language model"
                )

    def allow(self, what: str, *names: str) -> None:
        """Raise InputError for an option that `what` does not have, which are those named."""
        for field in fields(self):
            if field.name not in names and getattr(self, field.name) != field.default:
                raise InputError(f"{what} has no option {field.name}")

    def check_recipe(self, recipe: Recipe) -> None:
        """Raise InputError for settings of a recipe that the engine does not have."""
        if self.engine == "keras":
            from hoiquy.interop.keras.limits import check_keras_trains

            check_keras_trains(recipe)
