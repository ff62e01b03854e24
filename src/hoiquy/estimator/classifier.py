"""The scikit-learn estimator `RecurrentClassifier`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from hoiquy.data.dataset import Documents
from hoiquy.data.splits import in_fixed_order
from hoiquy.estimator.fitting import (
    Fitted,
    fitted_of_files,
    fitted_of_run,
    network_before,
    train,
    train_one_pass,
)
from hoiquy.estimator.inputs import (
    dataset_in_memory,
    known_classes,
    read_texts,
    typed_labels,
    without_documents,
)
from hoiquy.estimator.labels import check_order, predictions, read_target
from hoiquy.estimator.parameters import ensemble_budget, requested_recipe, verbose_listener
from hoiquy.estimator.state import plain_recipe, recipe_of
from hoiquy.nn.metrics import correct_predictions, distribution
from hoiquy.prediction.text_classifier import TextClassifier
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import Metric
from hoiquy.runs.folder import load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.training.kernel_compilation import start_compiling

# Keys in environment.json: the dtype of the labels, and whether y was a list of lists.
_LABEL_TYPE, _AS_LISTS = "label_dtype", "labels_as_lists"


class RecurrentClassifier(ClassifierMixin, BaseEstimator):
    """A recurrent network on texts, or an ensemble of classifiers, as a scikit-learn classifier.

    X is a list, a one-dimensional array or a pandas Series of strings. y holds strings or integers,
    two classes or more; for several labels a text, it is a matrix of 0 and 1 with one column a
    label, or a list of labels for each text. `sample_weight` is not supported.

    The parameters after `settings` are shortcuts for the settings searched most and override it;
    None keeps the recipe's value. The same texts and parameters give the same weights, bit for bit,
    except with `minutes`. Invalid recipes raise RecipeError, invalid data DataError: ValueErrors.

    Args:
        recipe: Name of a built-in recipe, path of a TOML file, or a Recipe. "auto" chooses by the
            texts of the first call.
        settings: Changes to the recipe by key, such as {"training.clip_norm": 1.0}.
        epochs: Passes over the training texts.
        learning_rate: Of Adam, at the start of the schedule.
        batch_size: Texts per gradient step.
        units: Units of every recurrent layer.
        max_length: Tokens of a text; longer texts are truncated.
        num_words: Size of the vocabulary.
        validation_fraction: Share of the texts held out for validation; an ensemble holds out
            each text in turn.
        minutes: Time for `fit` to train an ensemble, as `hoiquy train` does; None trains a single
            network. Only for the recipe "auto".
        metric: What the ensemble aims at: "accuracy", "macro_f1" or "log_loss".
        small: Whether only a linear classifier of at most 6 MB is trained, which is fast.
        random_state: The seed, an integer.
        verbose: 1 prints a line per epoch, or per model of an ensemble.

    Attributes:
        classes_: The labels, in the order of the columns of `predict_proba`.
        predictor_: The `hoiquy.Predictor`, with recipe, vocabulary and model; of an ensemble,
            another `hoiquy.TextClassifier`.
        history_: An EpochRecord for each epoch of `fit`; empty for an ensemble.
        n_iter_: Passes over the texts so far; 0 for an ensemble.
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
        minutes: float | None = None,
        metric: Metric = "accuracy",
        small: bool = False,
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
        self.minutes = minutes
        self.metric = metric
        self.small = small
        self.random_state = random_state
        self.verbose = verbose

    def set_params(self, **params: Any) -> Self:
        """Set parameters; a name with "__" is a setting of the recipe.

        `training__clip_norm=1.0` adds {"training.clip_norm": 1.0} to `settings`.
        """
        nested = {key.replace("__", "."): params.pop(key) for key in list(params) if "__" in key}
        super().set_params(**params)
        if nested:
            self.settings = {**(self.settings or {}), **nested}
        return self

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803 (scikit-learn's name)
        """Train from scratch; the vocabulary is built from these texts.

        Texts are shuffled in a fixed order and the last `validation_fraction` is held out for
        validation. With `minutes`, an ensemble is trained in a temporary folder, which is removed.
        After Ctrl-C or an error the classifier is unchanged.

        Args:
            X: The texts.
            y: A label, or several labels, for each text.

        Raises:
            RecipeError: The recipe or a setting is invalid.
            DataError: The texts or labels are invalid.
        """
        parameters = self.get_params(deep=False)
        budget = ensemble_budget(parameters)  # the time counts from here
        requested_recipe(parameters)  # fail on an invalid recipe before reading the texts
        texts = read_texts(X)
        target = read_target(y, len(texts))
        listener = verbose_listener(self.verbose)
        start_compiling(listener)
        documents = in_fixed_order(Documents(texts, target.labels), "train")
        dataset = dataset_in_memory(documents, target.classes)
        state = train(parameters, dataset, budget, listener)
        self._set_fitted(state, target.classes, target.as_lists)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:  # noqa: N803
        """Train one pass over these texts, from the current weights.

        The first call builds the vocabulary unless `fit` did; later words that are not in it are
        unknown, and later changes of parameters have no effect. The learning rate is constant,
        nothing is validated, and `history_` does not change. Adam's moments are kept between calls,
        but not from `fit`.

        Args:
            X: The texts.
            y: A label, or several labels, for each text.
            classes: All classes that will occur; required in the first call unless `fit` came
                before.

        Raises:
            RecipeError: The recipe or a setting is invalid.
            DataError: The texts, labels or classes are invalid.
            InputError: The classifier is an ensemble, or `minutes` asks for one.
        """
        parameters = self.get_params(deep=False)
        before = network_before(getattr(self, "_fitted", None), parameters)
        known = known_classes(classes, self.classes_ if before else None)
        texts = read_texts(X)
        target = read_target(y, len(texts), known, before.predictor.multilabel if before else None)
        check_order(target, y, classes)
        listener = verbose_listener(self.verbose)
        start_compiling(listener)
        documents = Documents(texts, target.labels)
        dataset = dataset_in_memory(documents, known, without_documents(documents))
        state = train_one_pass(parameters, dataset, before, listener)
        self._set_fitted(state, known, target.as_lists)
        return self

    def predict(self, X: Any) -> Any:  # noqa: N803
        """Predict the label of each text.

        Args:
            X: The texts.

        Returns:
            Array (texts,) of the most probable labels. For several labels a text, array
            (texts, labels) with 1 where the probability is above 0.5; or, if y was a list of lists,
            a list with a tuple of labels for each text.
        """
        outputs = self._outputs(X)
        return predictions(outputs, self.classes_, self.predictor_.multilabel, self._as_lists)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """Return the accuracy; with several labels a text, all of them must match."""
        if not getattr(self, "_as_lists", False):
            return float(super().score(X, y, sample_weight))
        outputs = self._outputs(X)
        truth = read_target(y, len(outputs), self.classes_, several=True)
        return float(np.average(correct_predictions(truth.labels, outputs), weights=sample_weight))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Predict the probability of each class for each text.

        Args:
            X: The texts.

        Returns:
            Array (texts, classes), columns in the order of `classes_`. Each row sums to 1 (sigmoid
            outputs are divided by their sum), except with several labels a text.
        """
        outputs = self._outputs(X).astype(np.float64)
        return outputs if self.predictor_.multilabel else distribution(outputs)

    def save(self, folder: str | Path) -> None:
        """Write a run without a test score, for `hoiquy predict`, `evaluate` and `export`.

        folder: a new or empty one. Raises RunError otherwise.
        """
        check_is_fitted(self)
        notes = {_LABEL_TYPE: self.classes_.dtype.str, _AS_LISTS: self._as_lists}
        self._fitted.save(create_run_folder(folder), notes)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load a classifier from a run folder, written by `save` or by any training.

        The recipe is that of the run; of an ensemble, "auto" with its seed, minutes, metric and
        small. Labels are strings, unless `save` recorded another type.

        Args:
            folder: The run folder.

        Raises:
            RunError: The folder is not a run, or is damaged.
        """
        run = load_run(folder)
        state, parameters = fitted_of_run(run)
        notes, classifier = run.environment(), cls(**parameters)
        classes = typed_labels(run.result.classes, str(notes.get(_LABEL_TYPE, "|O")))
        classifier._set_fitted(state, classes, notes.get(_AS_LISTS) is True)
        return classifier

    @property
    def predictor_(self) -> TextClassifier:
        return self._fitted.predictor

    @property
    def history_(self) -> list[EpochRecord]:
        return self._fitted.history

    @property
    def n_iter_(self) -> int:
        return self._fitted.passes

    def __getstate__(self) -> dict[str, Any]:
        """Parameters, and the fitted state as the files of a run folder: only plain types."""
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
            fitted = fitted_of_files(state["files"], "the saved classifier")
            classes = typed_labels(state["classes"], state[_LABEL_TYPE])
            self._set_fitted(fitted, classes, state.get(_AS_LISTS, False))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_fitted")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags

    def _set_fitted(self, state: Fitted, classes: NDArray[Any], as_lists: bool) -> None:
        self._fitted, self.classes_, self._as_lists = state, classes, as_lists

    def _outputs(self, X: Any) -> NDArray[np.float32]:  # noqa: N803
        """Return the outputs (texts, classes). Raises NotFittedError before `fit`."""
        check_is_fitted(self)
        return self._fitted.predictor.predict_proba(read_texts(X))
