"""Learn a language model into a new folder, or go on in one that was interrupted."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.errors import RunError
from hoiquy.events import Listener, Resumed
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.shards import default_threads
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.checkpoint import load_checkpoint, remove_checkpoints
from hoiquy.runs.environment import changes_since, command_line, describe_environment, exact_facts
from hoiquy.runs.files import LANGUAGE_MODEL
from hoiquy.runs.folder import (
    create_run_folder,
    is_language_model,
    load_environment_of,
    load_recipe_of,
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
from hoiquy.workflows.pretraining.training import beginning, fit_language_model


def pretrain(
    texts: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    options: TableOptions = AS_FOUND,
    all_rows: bool = False,
    on_event: Listener | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> TrainedLanguageModel:
    """Learn a language model from texts without labels, into the folder `out`.

    texts: a source, or a list of them: a data set's name (its training documents), a path, or
    texts in a list of their own; see `bare_texts`, also for `options` and `all_rows`. recipe: a
    recipe, its name or its file; its text rules, `data.max_length`, embedding, first recurrent
    layer, seed and `[pretraining]` are used. settings: changes, such as {"pretraining.epochs": 2}.

    Where `out` holds the same pretraining, interrupted, it goes on to the very bits of one that
    never was; one that is complete is returned as it is. Raises RecipeError for a recipe without
    an embedding with mask_zero or without a recurrent layer, DataError for texts that cannot be
    read, RunError if `out` holds something else; StoppedError, when all is saved, after Ctrl-C or
    SIGTERM.
    """
    chosen = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    chosen = chosen.with_settings(settings or {})
    layers_of(chosen)
    on_event = on_event or default_listener()
    folder, sources = Path(out), listed(texts)
    if _has_begun(folder):
        _check_same_recipe(folder, chosen)
    else:
        create_run_folder(folder)
    with locked_folder(folder, partial(resume_hint, folder)):
        if _has_begun(folder) and _is_complete(folder):
            remove_checkpoints(folder)  # in case it was killed just before it did so
            return load_language_model(folder)
        start_compiling(on_event)
        kept = stored(read_bare(sources, options, all_rows, on_event))
        return _learn(folder, chosen, sources, kept, on_event, checkpoint_seconds)


def _start(
    folder: Path, recipe: Recipe, sources: list[Any], corpus: Corpus, result: LanguageModelResult
) -> None:
    """Write what a language model consists of before its first step; then it can be resumed."""
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
    write_checksummed(folder, files | run_files.recipe_file(recipe))  # last: it makes this one


def _name(source: Any) -> str:
    if isinstance(source, Dataset):
        return source.name
    return str(source) if isinstance(source, str | Path) else "texts in memory"


def _has_begun(folder: Path) -> bool:
    return is_language_model(folder) and (folder / run_files.RECIPE).exists()


def _check_same_recipe(folder: Path, recipe: Recipe) -> None:
    if load_recipe_of(folder) != recipe:
        raise RunError(
            f"{folder} holds a language model of another recipe (see {folder / run_files.RECIPE}): "
            f"choose another --out, or resume with: {resume_hint(folder)}"
        )


def _is_complete(folder: Path) -> bool:
    there = (folder / run_files.RESULT).exists()
    return there and load_language_model(folder).result.status == "complete"


def _learn(
    folder: Path, recipe: Recipe, sources: list[Any], texts: StoredTexts, on_event: Listener,
    checkpoint_seconds: float,
) -> TrainedLanguageModel:  # fmt: skip
    """Start in a locked folder, or resume from its newest checkpoint."""
    of_texts, begun = fingerprint(texts), _has_begun(folder)
    if begun:
        _check_unchanged(folder, of_texts)
    vocabulary = read_vocabulary(folder, recipe) if begun else None
    corpus = encode_corpus(recipe, texts, on_event, vocabulary)
    state = beginning(recipe, corpus)
    result = _untrained(recipe, sources, of_texts, corpus, state)
    if not begun:
        _start(folder, recipe, sources, corpus, result)
    with Interruption() as interruption:
        checkpointer = LanguageModelCheckpointer(
            folder, interruption, checkpoint_seconds, result=result
        )
        _restore(folder, state, checkpointer, on_event)
        fit_language_model(recipe, corpus, state, on_event, checkpointer.after_step)
    write_checksummed(folder, checkpointer.files(state, "complete"))
    remove_checkpoints(folder)
    return load_language_model(folder)


def _restore(
    folder: Path,
    state: PretrainingState,
    checkpointer: LanguageModelCheckpointer,
    on_event: Listener,
) -> None:
    checkpoint = load_checkpoint(folder)
    if checkpoint is None:
        return
    state.restore(checkpoint.facts, checkpoint.arrays)
    checkpointer.add_earlier_cost(checkpoint.facts)
    on_event(Resumed(state.position.epoch, state.position.step, checkpoint.damaged))


def _check_unchanged(folder: Path, of_texts: str) -> None:
    """Raise RunError if this would not be the same pretraining as the one that began here."""
    environment = load_environment_of(folder)
    now = exact_facts(kernel_kind(np.float32))
    changes = changes_since(environment.get("exact", {}), now)
    before = str(environment.get("data_fingerprint"))
    if before != of_texts:
        changes.append(f"texts {before[:12]} → {of_texts[:12]}")
    if changes:
        raise RunError(
            f"{folder} cannot go on as the same pretraining, for this has changed: "
            f"{', '.join(changes)}; put it back, or begin anew with another --out"
        )


def _untrained(
    recipe: Recipe, sources: list[Any], of_texts: str, corpus: Corpus, state: PretrainingState
) -> LanguageModelResult:
    return LanguageModelResult(
        kind="language_model",
        recipe=recipe.name,
        status="interrupted",
        seed=recipe.training.seed,
        data=[_name(source) for source in sources],
        data_fingerprint=of_texts,
        documents=corpus.documents,
        held_out_documents=corpus.held_out_documents,
        tokens=corpus.tokens,
        words=len(corpus.vocabulary.words),
        parameters=sum(array.size for array in state.model.parameters.values()),
        epochs=0,
        loss=None,
        perplexity=None,
    )
