"""A recurrent text classifier for scikit-learn: pipelines, searches, cross-validation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.splits import in_fixed_order
from hoiquy.events import EpochFinished, Event, Listener, ignore
from hoiquy.nn.metrics import distribution, right_documents
from hoiquy.prediction.estimator.inputs import (
    dataset_in_memory,
    known_classes,
    read_settings,
    read_texts,
    typed_labels,
    without_documents,
)
from hoiquy.prediction.estimator.labels import check_order, predictions, read_target
from hoiquy.prediction.estimator.state import FittedState, plain_recipe, recipe_of
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.model import RecurrentLayer
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs.folder import create_run_folder, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.training.loop import fit, fit_once
from hoiquy.training.memory_check import check_memory
from hoiquy.training.state import TrainingState

_SHORTCUTS = {
    "epochs": "training.epochs",
    "learning_rate": "training.learning_rate",
    "batch_size": "training.batch_size",
    "random_state": "training.seed",
    "max_length": "data.max_length",
    "validation_fraction": "data.validation_fraction",
    "num_words": "text.num_words",
}
# In environment.json: of which type the labels were, and whether there was a list for each text.
_LABEL_TYPE, _AS_LISTS = "label_dtype", "labels_as_lists"
_CONSTANT = {"training.schedule": {"type": "constant"}}


class RecurrentClassifier(ClassifierMixin, BaseEstimator):
    """A recurrent network on texts, as a scikit-learn classifier.

    X is a list, a one-dimensional array or a pandas Series of texts; y holds texts or whole
    numbers, any number of classes; or, for several labels a text, a matrix of 0 and 1 with a column
    for each label, or a list of labels for each text. There is no `sample_weight`.

    recipe: the name of a built-in recipe, the path of a TOML file, or a Recipe; "auto" is fitted
    to the texts of the first call.
    settings: changes to the recipe by their keys, such as {"training.clip_norm": 1.0}.
    epochs, learning_rate, batch_size, max_length, num_words, validation_fraction, units (of every
    recurrent layer): the same for the settings that are searched most. They win over `settings`.
    random_state: the seed, a whole number. None, as for all these: as the recipe says; so two fits
    on the same texts always give the same weights, bit for bit.
    verbose: 1 tells of each epoch.

    After `fit`: `classes_`, the labels in the order of the columns where a text may have several;
    `history_`, an EpochRecord for each epoch; `n_iter_`, passes over the
    documents; `predictor_`, the hoiquy.Predictor, with recipe, vocabulary and model.

    A wrong recipe raises RecipeError and wrong texts or labels DataError; both are ValueErrors.
    """

    def __init__(
        self,
        recipe: str | Path | Recipe = auto_recipe.NAME,
        *,
        settings: Mapping[str, Any] | None = None,
        epochs: int | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        units: int | None = None,
        max_length: int | None = None,
        num_words: int | None = None,
        validation_fraction: float | None = None,
        random_state: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.recipe = recipe
        self.settings = settings
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.units = units
        self.max_length = max_length
        self.num_words = num_words
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.verbose = verbose

    def set_params(self, **params: Any) -> Self:
        """Set parameters; one with "__" in its name is a setting of the recipe.

        `training__clip_norm=1.0` puts {"training.clip_norm": 1.0} into `settings`.
        """
        nested = {key.replace("__", "."): params.pop(key) for key in list(params) if "__" in key}
        super().set_params(**params)
        if nested:
            self.settings = {**(self.settings or {}), **nested}
        return self

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803 (scikit-learn's name)
        """Train anew on texts and their labels; the vocabulary is made of these texts.

        Texts are shuffled by a fixed rule, and the last `validation_fraction` of them are kept for
        validation. Ctrl-C raises KeyboardInterrupt; the classifier is then what it was before, as
        it is after an error.
        """
        self._recipe()  # a wrong one is told before the texts are read
        texts = read_texts(X)
        target = read_target(y, len(texts))
        listener = self._listener()
        start_compiling(listener)
        documents = in_fixed_order(Documents(texts, target.labels), "train")
        dataset = dataset_in_memory(documents, target.classes)
        recipe = self._recipe(dataset)
        prepared = prepare(recipe, dataset, listener)
        recipe = recipe.for_documents(len(prepared.train))
        check_memory(recipe, prepared)
        fitted = fit(recipe, prepared, FitCallbacks(listener))
        learnt = FittedState.of(recipe, dataset, prepared, fitted.model, fitted.history)
        self._take(learnt, target.classes, target.as_lists)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:  # noqa: N803
        """Go once over these documents, from the weights that there are.

        The first call, unless `fit` came before, needs `classes`, all that will ever come, and
        makes the vocabulary of its texts: later words that it has not read as unknown, and later
        changes of parameters do nothing. The learning rate is the recipe's, constant, and nothing
        is validated, nor entered into `history_`. Adam's moments are kept from one call to the
        next, but not from `fit`.
        """
        before: FittedState | None = getattr(self, "_fitted", None)
        known = known_classes(classes, self.classes_ if before else None)
        texts = read_texts(X)
        target = read_target(y, len(texts), known, self._multilabel if before else None)
        check_order(target, y, classes)
        listener = self._listener()
        start_compiling(listener)
        documents = Documents(texts, target.labels)
        dataset = dataset_in_memory(documents, known, without_documents(documents))
        recipe = before.predictor.recipe if before else self._recipe(dataset)
        prepared = prepare(
            recipe, dataset, listener, before.predictor.vocabulary if before else None
        )
        check_memory(recipe, prepared)
        passing = recipe.with_settings(_CONSTANT)
        state = (
            before.state(passing, prepared) if before else TrainingState.initial(passing, prepared)
        )
        fit_once(passing, prepared, state, listener)
        learnt = before or FittedState.of(recipe, dataset, prepared, state.model, [])
        self._take(learnt.after(state), known, target.as_lists)
        return self

    def predict(self, X: Any) -> Any:  # noqa: N803
        """(documents,) the most probable label of each text.

        Where a text may have several labels, (documents, labels) of 0 and 1: 1 for a probability
        above 0.5. If y were lists of labels, a list with a tuple of labels for each text.
        """
        outputs = self._outputs(X)
        return predictions(outputs, self.classes_, self._multilabel, self._as_lists)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """Accuracy: the share of texts that are right, of several labels in all of them."""
        if not getattr(self, "_as_lists", False):
            return float(super().score(X, y, sample_weight))
        outputs = self._outputs(X)
        truth = read_target(y, len(outputs), self.classes_, several=True)
        return float(np.average(right_documents(truth.labels, outputs), weights=sample_weight))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """(documents, classes) probabilities, in the order of `classes_`; each row sums to one.

        Sigmoids are divided by their sum, unless each is the answer for a label of several.
        """
        outputs = self._outputs(X).astype(np.float64)
        return outputs if self._multilabel else distribution(outputs)

    def save(self, folder: str | Path) -> None:
        """Write a run folder, which `hoiquy predict`, `evaluate` and `export` read, too.

        It has no test documents, so no test accuracy. Raises RunError if the folder holds anything.
        """
        check_is_fitted(self)
        notes = {_LABEL_TYPE: self.classes_.dtype.str, _AS_LISTS: self._as_lists}
        self._fitted.save(create_run_folder(folder), notes)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The classifier of a run folder, from `save` or from any training of hoiquy.

        Its recipe is that of the run. Labels are texts, unless `save` noted another type.
        """
        run = load_run(folder)
        notes, loaded = run.environment(), cls(recipe=run.recipe)
        classes = typed_labels(run.result.classes, str(notes.get(_LABEL_TYPE, "|O")))
        loaded._take(FittedState.saved(run.folder), classes, notes.get(_AS_LISTS) is True)
        return loaded

    @property
    def predictor_(self) -> Predictor:
        return self._fitted.predictor

    @property
    def history_(self) -> list[EpochRecord]:
        return self._fitted.history

    @property
    def n_iter_(self) -> int:
        return self._fitted.passes

    def __getstate__(self) -> dict[str, Any]:
        """Parameters, and what was learnt as the files of a run folder: bytes, texts, numbers."""
        params = self.get_params(deep=False) | {"recipe": plain_recipe(self.recipe)}
        state: dict[str, Any] = {"params": params}
        if self.__sklearn_is_fitted__():
            state |= {"files": self._fitted.files(), "classes": self.classes_.tolist()}
            state |= {_LABEL_TYPE: self.classes_.dtype.str, _AS_LISTS: self._as_lists}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state["params"].items():
            setattr(self, name, recipe_of(value) if name == "recipe" else value)
        if "files" in state:
            learnt = FittedState.of_files(state["files"], "the saved classifier")
            classes = typed_labels(state["classes"], state[_LABEL_TYPE])
            self._take(learnt, classes, state.get(_AS_LISTS, False))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_fitted")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags

    @property
    def _multilabel(self) -> bool:
        return self._fitted.predictor.multilabel

    def _take(self, learnt: FittedState, classes: NDArray[Any], as_lists: bool) -> None:
        self._fitted, self.classes_, self._as_lists = learnt, classes, as_lists

    def _recipe(self, dataset: Dataset | None = None) -> Recipe:
        """The recipe with all that the parameters change. Raises RecipeError."""
        recipe = self.recipe if isinstance(self.recipe, Recipe) else load_recipe(self.recipe)
        if dataset is not None and self.recipe == auto_recipe.NAME:
            recipe = auto_recipe.auto_recipe(dataset)
        said = {key: getattr(self, name) for name, key in _SHORTCUTS.items()}
        if self.units is not None:
            said |= {
                f"model.layers.{position}.units": self.units
                for position, layer in enumerate(recipe.model.layers)
                if isinstance(layer, RecurrentLayer)
            }
        changes = read_settings(self.settings) | {k: v for k, v in said.items() if v is not None}
        plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in changes.items()}
        changed = recipe.with_settings(plain) if plain else recipe
        return changed if dataset is None else changed.for_labels(dataset.multilabel)

    def _outputs(self, X: Any) -> NDArray[np.float32]:  # noqa: N803
        """(documents, classes) outputs. Raises NotFittedError before `fit`."""
        check_is_fitted(self)
        return self._fitted.predictor.predict_proba(read_texts(X))

    def _listener(self) -> Listener:
        if not self.verbose:
            return ignore
        in_notebook = default_listener()
        return _print_epoch if in_notebook is ignore else in_notebook


def _print_epoch(event: Event) -> None:
    if isinstance(event, EpochFinished):
        at = event.record
        print(
            f"epoch {at.epoch}: loss {at.loss:.4f}, accuracy {at.accuracy:.2%}, validation loss "
            f"{at.val_loss:.4f}, accuracy {at.val_accuracy:.2%}, {event.seconds:.1f} s"
        )
