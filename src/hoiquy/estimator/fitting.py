"""Train what an estimator's parameters ask for: a network, a further pass, or an ensemble."""

from collections.abc import Mapping
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.errors import DataError, InputError
from hoiquy.estimator.ensemble import FittedEnsemble, trained_parameters
from hoiquy.estimator.parameters import requested_recipe, requested_settings
from hoiquy.estimator.state import FittedState
from hoiquy.events import Listener
from hoiquy.recipe import auto
from hoiquy.runs.ensemble import ENSEMBLE, is_ensemble
from hoiquy.runs.folder import Run
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import fit, fit_once
from hoiquy.training.memory_check import check_memory
from hoiquy.training.state import TrainingState
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.ensemble.start import single_for
from hoiquy.workflows.recipe_choice import RecipeChoice

Fitted = FittedState | FittedEnsemble
_CONSTANT = {"training.schedule": {"type": "constant"}}


def train(
    parameters: Mapping[str, Any], dataset: Dataset, budget: TimeBudget | None, listener: Listener
) -> Fitted:
    """Train an ensemble within the time, or without a limit a network.

    Args:
        parameters: Those of the estimator, by name.
        dataset: Without test documents.
        budget: As `ensemble_budget` returns it.
        listener: Hears of the training.

    Raises:
        RecipeError: The recipe or a setting is invalid.
        DataError: An ensemble is asked for, but there is none for such documents.
    """
    if budget is None:
        return _train_network(parameters, dataset, listener)
    single = single_for(dataset)
    if single is not None:
        raise DataError(
            f"minutes asks for an ensemble, but with {single} a single network is trained: leave "
            f"out minutes"
        )
    settings = requested_settings(parameters, auto.auto_recipe(dataset))
    choice = RecipeChoice(auto.NAME, settings, budget)
    metric, small = parameters["metric"], parameters["small"]
    return FittedEnsemble.train(dataset, choice, metric, small, listener)


def _train_network(
    parameters: Mapping[str, Any], dataset: Dataset, listener: Listener
) -> FittedState:
    recipe = requested_recipe(parameters, dataset)
    prepared = prepare(recipe, dataset, listener)
    recipe = recipe.for_documents(len(prepared.train))
    check_memory(recipe, prepared)
    fitted = fit(recipe, prepared, FitCallbacks(listener))
    return FittedState.of(recipe, dataset, prepared, fitted.model, fitted.history)


def network_before(fitted: Fitted | None, parameters: Mapping[str, Any]) -> FittedState | None:
    """Return the network that another pass starts from; None for a new one.

    Raises InputError for an ensemble, or if the parameters ask for one.
    """
    if isinstance(fitted, FittedEnsemble):
        raise InputError(
            "an ensemble cannot be trained further: call fit with all texts, or use a classifier "
            "without minutes"
        )
    if parameters["minutes"] is not None:
        raise InputError(
            f"partial_fit trains a single network, but minutes is {parameters['minutes']!r}: leave "
            f"out minutes"
        )
    return fitted


def train_one_pass(
    parameters: Mapping[str, Any], dataset: Dataset, before: FittedState | None, listener: Listener
) -> FittedState:
    """Train one pass over the documents, with a constant learning rate; `before` is unchanged."""
    recipe = before.predictor.recipe if before else requested_recipe(parameters, dataset)
    vocabulary = before.predictor.vocabulary if before else None
    prepared = prepare(recipe, dataset, listener, vocabulary)
    check_memory(recipe, prepared)
    constant = recipe.with_settings(_CONSTANT)
    state = (
        before.state(constant, prepared) if before else TrainingState.initial(constant, prepared)
    )
    fit_once(constant, prepared, state, listener)
    fitted = before or FittedState.of(recipe, dataset, prepared, state.model, [])
    return fitted.after(state)


def fitted_of_run(run: Run) -> tuple[Fitted, dict[str, Any]]:
    """Return what a run folder holds, and the parameters that train it. Raises RunError."""
    if is_ensemble(run.folder):
        return FittedEnsemble.saved(run), trained_parameters(run)
    return FittedState.saved(run.folder), {"recipe": run.recipe}


def fitted_of_files(files: Mapping[str, bytes], source: str) -> Fitted:
    """Rebuild what `files()` returned; `source` names it in errors. Raises RunError."""
    kind = FittedEnsemble if ENSEMBLE in files else FittedState
    return kind.of_files(files, source)
