"""Pretrain a language model, or resume an interrupted pretraining."""

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.errors import RunError
from hoiquy.events import Listener, Resumed
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.shards import default_threads
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.checkpoint import load_checkpoint, remove_checkpoints
from hoiquy.runs.command_line import command_line
from hoiquy.runs.environment import changes_since, describe_environment, exact_facts
from hoiquy.runs.files import LANGUAGE_MODEL
from hoiquy.runs.folder import (
    is_language_model,
    load_environment_of,
    load_recipe_of,
    new_run_folder,
)
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.system.signals import Interruption
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.workflows.pretraining.checkpointer import LanguageModelCheckpointer
from hoiquy.workflows.pretraining.corpus import (
    Corpus,
    encode_corpus,
    fingerprint,
    listed,
    read_bare,
    stored,
)
from hoiquy.workflows.pretraining.folder import (
    LanguageModelResult,
    TrainedLanguageModel,
    load_language_model,
    read_vocabulary,
    result_file,
    resume_hint,
)
from hoiquy.workflows.pretraining.language_model import layers_of
from hoiquy.workflows.pretraining.state import PretrainingState
from hoiquy.workflows.pretraining.training import fit_language_model, initial_state


def pretrain(
    texts: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    all_rows: bool = False,
    on_event: Listener | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> TrainedLanguageModel:
    """Train a language model on texts without labels.

    A second call resumes an interrupted pretraining, with the same bits; a complete one is returned
    as it is.

    Args:
        texts: A source or a list of them: a name (of a data set: its training documents), a path,
            or a list of texts.
        recipe: A recipe, its name or its file. Its text rules, `data.max_length`, embedding, first
            recurrent layers, seed and `[pretraining]` are used.
        out: The folder of the language model.
        settings: Changes to the recipe, such as {"pretraining.epochs": 2}.
        options: How tables and files are read.
        all_rows: Read all rows of a table with labels, also those that a training would test on.
        on_event: Called with each event; by default a notebook shows the progress.
        checkpoint_seconds: The longest time between two checkpoints within an epoch.

    Returns:
        The language model, for `train(…, language_model=out)`.

    Raises:
        RecipeError: The recipe has no embedding with mask_zero, or no recurrent layer.
        DataError: A text cannot be read.
        RunError: `out` holds something else.
        StoppedError: After Ctrl-C or SIGTERM, when all is saved.
    """
    chosen = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    chosen = chosen.with_settings(settings or {})
    layers_of(chosen)
    on_event = on_event or default_listener()
    folder, sources = Path(out), listed(texts)
    if _is_started(folder) and load_recipe_of(folder) != chosen:
        raise RunError(
            f"{folder} has a language model of another recipe (see {folder / run_files.RECIPE}): "
            f"choose another --out, or resume with: {resume_hint(folder)}"
        )
    place = nullcontext() if _is_started(folder) else new_run_folder(folder)
    with place, locked_folder(folder, partial(resume_hint, folder)):
        if _is_started(folder) and (folder / run_files.RESULT).exists():
            saved = load_language_model(folder)
            if saved.result.status == "complete":
                remove_checkpoints(folder)  # in case it was killed just before it did so
                return saved
        start_compiling(on_event)
        kept = stored(read_bare(sources, options, all_rows, on_event))
        return _pretrain(folder, chosen, sources, kept, on_event, checkpoint_seconds)


def _start(
    folder: Path, recipe: Recipe, sources: list[Any], corpus: Corpus, result: LanguageModelResult
) -> None:
    """Write the files that a pretraining needs to be resumable."""
    environment = describe_environment(
        engine="hoiquy",
        threads=default_threads(),
        kernels=kernel_kind(np.float32),
        seed=recipe.training.seed,
        data_source=", ".join(map(_name, sources)),
        command=command_line(),
    )
    environment |= {"kind": LANGUAGE_MODEL, "data_fingerprint": result.data_fingerprint}
    files = run_files.environment_file(environment) | run_files.cost_file(run_files.Cost())
    files |= run_files.vocabulary_file(corpus.vocabulary) | result_file(result)
    write_checksummed(folder, files | run_files.recipe_file(recipe))  # last: it marks the start


def _name(source: Any) -> str:
    if isinstance(source, Dataset):
        return source.name
    return str(source) if isinstance(source, str | Path) else "texts in memory"


def _is_started(folder: Path) -> bool:
    return is_language_model(folder) and (folder / run_files.RECIPE).exists()


def _pretrain(
    folder: Path, recipe: Recipe, sources: list[Any], texts: StoredTexts, on_event: Listener,
    checkpoint_seconds: float,
) -> TrainedLanguageModel:  # fmt: skip
    """Start in a locked folder, or resume from its newest checkpoint."""
    data_fingerprint, is_started = fingerprint(texts), _is_started(folder)
    if is_started:
        _check_unchanged(folder, data_fingerprint)
    vocabulary = read_vocabulary(folder, recipe) if is_started else None
    corpus = encode_corpus(recipe, texts, on_event, vocabulary)
    state = initial_state(recipe, corpus)
    result = _untrained(recipe, sources, data_fingerprint, corpus, state)
    if not is_started:
        _start(folder, recipe, sources, corpus, result)
    with Interruption() as interruption:
        checkpointer = LanguageModelCheckpointer(
            folder, interruption, checkpoint_seconds, result=result
        )
        if checkpoint := load_checkpoint(folder):
            state.restore(checkpoint.facts, checkpoint.arrays)
            checkpointer.add_earlier_cost(checkpoint.facts)
            on_event(Resumed(state.position.epoch, state.position.step, checkpoint.damaged))
        fit_language_model(recipe, corpus, state, on_event, checkpointer.after_step)
    write_checksummed(folder, checkpointer.files(state, "complete"))
    remove_checkpoints(folder)
    return load_language_model(folder)


def _check_unchanged(folder: Path, data_fingerprint: str) -> None:
    """Raise RunError unless texts and software are those that the pretraining started with."""
    environment = load_environment_of(folder)
    now = exact_facts(kernel_kind(np.float32))
    changes = changes_since(environment.get("exact", {}), now)
    before = str(environment.get("data_fingerprint"))
    if before != data_fingerprint:
        changes.append(f"texts {before[:12]} → {data_fingerprint[:12]}")
    if changes:
        raise RunError(
            f"{folder} cannot be resumed with the same bits, as this has changed: "
            f"{', '.join(changes)}; put it back, or start again with another --out"
        )


def _untrained(
    recipe: Recipe, sources: list[Any], data_fingerprint: str, corpus: Corpus,
    state: PretrainingState,
) -> LanguageModelResult:  # fmt: skip
    return LanguageModelResult(
        kind="language_model",
        recipe=recipe.name,
        status="interrupted",
        seed=recipe.training.seed,
        data=[_name(source) for source in sources],
        data_fingerprint=data_fingerprint,
        documents=len(corpus.train),
        held_out_documents=len(corpus.held_out),
        tokens=corpus.tokens,
        words=len(corpus.vocabulary.words),
        parameters=sum(array.size for array in state.model.parameters.values()),
        epochs=0,
        loss=None,
        perplexity=None,
    )
