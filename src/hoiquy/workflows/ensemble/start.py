"""Start or resume the training of an ensemble in a locked run folder."""

from pathlib import Path

from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource, moved_data_hint
from hoiquy.errors import DataError
from hoiquy.events import DataRead, Listener, RunCompleted, ignore
from hoiquy.recipe.auto import auto_recipe
from hoiquy.runs.command_line import command_line
from hoiquy.runs.ensemble import Metric
from hoiquy.runs.folder import load_cost_of, load_environment_of, load_recipe_of
from hoiquy.training.class_weights import check_class_weight
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.ensemble.candidates import networks_of
from hoiquy.workflows.ensemble.data_size import DataSize
from hoiquy.workflows.ensemble.files import EnsembleFolder
from hoiquy.workflows.ensemble.ngrams import ngrams_of, ngrams_within_words
from hoiquy.workflows.ensemble.plan import Plan, load_plan
from hoiquy.workflows.ensemble.training import EnsembleTraining
from hoiquy.workflows.read_data import read_data
from hoiquy.workflows.recipe_choice import RecipeChoice, for_labels_of
from hoiquy.workflows.run import Run, load_run
from hoiquy.workflows.run_start import changes_of_run
from hoiquy.workflows.training_options import TrainingOptions
from hoiquy.workflows.transfer import Transfer

_MOST_DOCUMENTS = 200_000


def single_because(choice: RecipeChoice, options: TrainingOptions) -> str | None:
    """Why `train` trains a single network on any data; None where `auto` makes an ensemble."""
    reasons = {
        f"the engine {options.engine!r}": options.engine != "hoiquy",
        "Ray": options.ray is not None,
        "loggers": bool(options.log),
        "a language model": choice.transfer.language_model is not None,
        "soft labels": choice.transfer.soft_labels is not None,
    }
    named = None if choice.named is None else f"the recipe {choice.named.name!r}"
    return next((reason for reason, holds in reasons.items() if holds), named)


def single_for(dataset: Dataset) -> str | None:
    """Why the recipe `auto` trains a single network on a data set; None for an ensemble.

    The n-grams of very many documents need not fit into memory, and token stores have no texts.
    """
    if dataset.encoded is not None:
        return "a token store"
    many = len(dataset.train) > _MOST_DOCUMENTS
    return f"more than {_MOST_DOCUMENTS:,} documents" if many else None


def start_ensemble(
    folder: Path,
    dataset: Dataset,
    source: DataSource,
    choice: RecipeChoice,
    on_event: Listener,
    metric: Metric = "accuracy",
    small: bool = False,
) -> Run:
    """Train an ensemble into an empty folder.

    Args:
        folder: Locked, and empty.
        dataset: Its test documents are scored at the end.
        source: Where it is from, for `hoiquy resume`.
        choice: The settings of the networks, word vectors, texts without labels, and the time.
        on_event: Hears of the training.
        metric: What is aimed at.
        small: Whether only a small linear classifier is trained.

    Raises:
        DataError: For word vectors or texts without labels that cannot be read, or such texts
            where documents have several labels.
        RecipeError: For class weights where documents have several labels.
        StoppedError: After Ctrl-C, when the models so far are saved.
    """
    if choice.transfer.unlabelled is not None and dataset.multilabel:
        raise DataError(
            f"{dataset.name} has several labels a document, and texts without labels would get one "
            f"each: train without them"
        )
    base = for_labels_of(dataset, auto_recipe(dataset), ignore if small else on_event)
    recipe = base.with_settings(choice.changes)
    check_class_weight(recipe, dataset.multilabel)
    size = DataSize.of(dataset)
    networks = [] if small else networks_of(base, size, choice.changes)
    budget = choice.budget
    seconds = None if budget is None else budget.seconds
    ngrams = ngrams_of(base, size, seconds, small)
    plan = Plan(
        metric,
        None if budget is None else budget.seconds / 60,
        ngrams.words,
        list(ngrams.characters or ()),
        ngrams.across_words,
        ngrams.most,
        [] if small else list(ngrams_within_words(ngrams, size, seconds) or ()),
        {one.name: choice.transfer.adapted(one.recipe).to_toml() for one in networks},
        [network.name for network in networks if network.further],
        settings=dict(choice.changes),
    )
    files = EnsembleFolder(folder, recipe, dataset, metric, plan.minutes)
    training = EnsembleTraining(files, dataset, plan, budget, on_event, choice.transfer)
    training.read_texts()  # a mistake in them leaves no run
    training.plan.save(folder)
    files.start(source, command_line(), choice.transfer.places)
    on_event(DataRead(f"auto: {base.description}; a linear classifier{_then(plan)}"))
    return _trained(training)


def resume_ensemble(
    folder: Path, source: DataSource, on_event: Listener, allow_changes: bool
) -> Run:
    """Continue the training of an ensemble with the time that is left of its budget.

    Raises:
        RunError: It would not be the same training, or its word vectors or texts have changed.
        StoppedError: After Ctrl-C, when the models so far are saved.
    """
    with moved_data_hint():
        dataset = read_data(source, "hoiquy", on_event)
    changes = changes_of_run(folder, dataset, "hoiquy", allow_changes)
    plan, recipe = load_plan(folder), load_recipe_of(folder)
    transfer = Transfer.of_ensemble(folder, load_environment_of(folder))
    budget = None
    if plan.minutes is not None:
        budget = TimeBudget(max(60 * plan.minutes - load_cost_of(folder).seconds, 1e-3))
    files = EnsembleFolder(folder, recipe, dataset, plan.metric, plan.minutes, changes)
    return _trained(EnsembleTraining(files, dataset, plan, budget, on_event, transfer))


def _trained(training: EnsembleTraining) -> Run:
    finish_compiling(training.on_event)
    training.run()
    training.folder.finish()
    training.on_event(RunCompleted(training.folder.path))
    return load_run(training.folder.path)


def _then(plan: Plan) -> str:
    names = ", ".join(name for name in plan.networks if name not in plan.further)
    return f", then {names}" if names else ""
