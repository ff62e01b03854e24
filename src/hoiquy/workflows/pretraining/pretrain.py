"""Pretrain a language model, or resume an interrupted pretraining."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.unlabelled.sources import check_label
from hoiquy.errors import InputError
from hoiquy.events import Listener, Resumed
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.checkpoint import load_checkpoint, remove_checkpoints
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.runs.new_folder import new_run_folder
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.system.signals import Interruption
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.pretraining.checkpointer import LanguageModelCheckpointer
from hoiquy.workflows.pretraining.corpus import listed, read_bare, stored
from hoiquy.workflows.pretraining.folder import (
    TrainedLanguageModel,
    load_language_model,
    resume_hint,
)
from hoiquy.workflows.pretraining.request import Request
from hoiquy.workflows.pretraining.start import Beginning, begin, is_started, resumed
from hoiquy.workflows.pretraining.training import fit_language_model


class OptionalPretrainingOptions(TypedDict, total=False):
    """The fields of `PretrainingOptions` as keywords."""

    options: TableOptions
    all_rows: bool
    on_event: Listener | None
    checkpoint_seconds: float


@dataclass(frozen=True)
class PretrainingOptions:
    """How texts are read and a pretraining is run.

    Args:
        options: How tables and files are read.
        all_rows: Read all rows of a table with labels, also those that a training would test on.
        on_event: Called with each event; by default a notebook shows the progress.
        checkpoint_seconds: The longest time between two checkpoints within an epoch.
    """

    options: TableOptions = DEFAULT_TABLE_OPTIONS
    all_rows: bool = False
    on_event: Listener | None = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS


def pretrain(
    texts: Any,
    recipe: str | Path | Recipe | None = None,
    out: str | Path | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    language_model: str | Path | None = None,
    **options: Unpack[OptionalPretrainingOptions],
) -> TrainedLanguageModel:
    """Train a language model on texts without labels.

    A second call resumes an interrupted pretraining, with the same bits, or returns a complete one.

    Args:
        texts: A source or a list of them: a name (of a data set: its training documents), a path,
            or a list of texts.
        recipe: A recipe, its name or its file. Its text rules, embedding, first recurrent layers,
            seed and `[pretraining]` are used. By default that of `language_model`, else the
            recipe "lm", in sizes that fit `minutes`.
        out: The folder of the language model, which must be given.
        settings: Changes to the recipe, such as {"pretraining.epochs": 2}.
        minutes: For reading, training and saving together: the epochs and their steps are planned
            by them, and the sizes where no recipe is given.
        language_model: The folder of one to continue from: its words, sizes and weights.
        **options: See `PretrainingOptions`.

    Returns:
        The language model, for `train(…, language_model=out)`.

    Raises:
        RecipeError: The recipe has no embedding with mask_zero, or no recurrent layer, or does not
            fit `language_model`.
        DataError: A text cannot be read, or no table has the label column that is named.
        InputError: `out` is missing, or `minutes` is no number above 0, or too small.
        RunError: `out` holds something else.
        StoppedError: After Ctrl-C or SIGTERM, when all is saved.
    """
    if out is None:
        raise InputError('pretrain needs a folder: pretrain(texts, out="lm")')
    request = Request.of(recipe, settings or {}, minutes, language_model)
    budget = None if minutes is None else TimeBudget(60 * minutes)
    chosen = PretrainingOptions(**options)
    on_event = chosen.on_event or default_listener()
    folder, sources = Path(out), _checked_sources(texts, chosen)
    if is_started(folder):
        request.check_is_that_of(folder)
    else:
        request.load()  # what is wrong is to be said before anything is read
    place = nullcontext() if is_started(folder) else new_run_folder(folder)
    with place, locked_folder(folder, partial(resume_hint, folder)):
        if complete := _complete(folder):
            return complete
        start_compiling(on_event)
        kept = stored(read_bare(sources, chosen.options, chosen.all_rows, on_event))
        if is_started(folder):
            beginning = resumed(folder, sources, kept, on_event)
        else:
            beginning = begin(folder, request, sources, kept, budget, on_event)
        return _train(folder, beginning, on_event, chosen.checkpoint_seconds)


def _checked_sources(texts: Any, chosen: PretrainingOptions) -> list[Any]:
    sources = listed(texts)
    if not chosen.all_rows:
        check_label(sources, chosen.options)
    return sources


def _complete(folder: Path) -> TrainedLanguageModel | None:
    """The language model in the folder, if it is trained to its end."""
    if not (is_started(folder) and (folder / run_files.RESULT).exists()):
        return None
    saved = load_language_model(folder)
    if saved.result.status != "complete":
        return None
    remove_checkpoints(folder)  # in case it was killed just before it did so
    return saved


def _train(
    folder: Path, beginning: Beginning, on_event: Listener, checkpoint_seconds: float
) -> TrainedLanguageModel:
    """From the newest checkpoint in the locked folder, if there is one, to the end."""
    recipe, corpus, state = beginning.recipe, beginning.corpus, beginning.state
    with Interruption() as interruption:
        checkpointer = LanguageModelCheckpointer(
            folder, interruption, checkpoint_seconds, result=beginning.result
        )
        if checkpoint := load_checkpoint(folder):
            state.restore(checkpoint.facts, checkpoint.arrays)
            checkpointer.add_earlier_cost(checkpoint.facts)
            on_event(Resumed(state.position.epoch, state.position.step, checkpoint.damaged))
        fit_language_model(recipe, corpus, state, on_event, checkpointer.after_step)
    write_checksummed(folder, checkpointer.files(state, "complete"))
    remove_checkpoints(folder)
    return load_language_model(folder)
