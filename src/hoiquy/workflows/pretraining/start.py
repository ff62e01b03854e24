"""Begin a pretraining in a new folder, or find there what it began with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.data.dataset import Dataset
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.errors import DataError, RunError
from hoiquy.events import Listener, PretrainingPlanned
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.shards import default_threads, shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.command_line import command_line
from hoiquy.runs.environment import changes_since, describe_environment, exact_facts
from hoiquy.runs.files import LANGUAGE_MODEL
from hoiquy.runs.folder import is_language_model, load_environment_of, load_recipe_of
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.text import FIRST_WORD
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.pretraining.corpus import Corpus, encode_corpus, fingerprint, too_few_words
from hoiquy.workflows.pretraining.folder import LanguageModelResult, read_vocabulary, result_file
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.pretraining.language_model import layers_of
from hoiquy.workflows.pretraining.plan import plan_pretraining
from hoiquy.workflows.pretraining.request import REQUEST, Request
from hoiquy.workflows.pretraining.speed import measure_speed
from hoiquy.workflows.pretraining.state import PretrainingState
from hoiquy.workflows.pretraining.training import initial_state


@dataclass(frozen=True, eq=False)
class Beginning:
    """What a pretraining begins with.

    result: before the first epoch.
    """

    recipe: Recipe
    corpus: Corpus
    state: PretrainingState
    result: LanguageModelResult


def is_started(folder: Path) -> bool:
    """Whether a pretraining has begun in a folder."""
    return is_language_model(folder) and (folder / run_files.RECIPE).exists()


def begin(
    folder: Path,
    request: Request,
    sources: list[Any],
    texts: StoredTexts,
    budget: TimeBudget | None,
    on_event: Listener,
) -> Beginning:
    """Encode the texts, plan if there is a time, and write what is needed to resume."""
    recipe, start = request.load()
    vocabulary = None if start is None else start.vocabulary
    corpus = encode_corpus(recipe, texts, on_event, vocabulary)
    if start is not None and not corpus.counts[FIRST_WORD:].any():
        raise DataError(
            f"the language model {request.language_model} has none of the words of these texts: "
            f"pretrain on them without it"
        )
    if not corpus.has_perplexity:
        raise too_few_words(corpus)
    if budget is not None:
        recipe = _planned(request.sizes(recipe), corpus, budget, on_event)
    beginning = _beginning(recipe, corpus, sources, fingerprint(texts), start)
    environment = describe_environment(
        engine="hoiquy",
        threads=default_threads(),
        kernels=kernel_kind(np.float32),
        seed=recipe.training.seed,
        data_source=", ".join(map(_name, sources)),
        command=command_line(),
    )
    environment |= {"kind": LANGUAGE_MODEL, "data_fingerprint": beginning.result.data_fingerprint}
    environment |= {REQUEST: request.facts()}
    if start is not None:
        environment |= {LANGUAGE_MODEL: start.facts}
    files = run_files.environment_file(environment) | run_files.cost_file(run_files.Cost())
    files |= run_files.vocabulary_file(corpus.vocabulary) | result_file(beginning.result)
    write_checksummed(folder, files | run_files.recipe_file(recipe))  # last: it marks the start
    return beginning


def resumed(folder: Path, sources: list[Any], texts: StoredTexts, on_event: Listener) -> Beginning:
    """The same as `begin` gave. Raises RunError if texts or software have changed."""
    recipe, environment = load_recipe_of(folder), load_environment_of(folder)
    data_fingerprint = fingerprint(texts)
    changes = changes_since(environment.get("exact", {}), exact_facts(kernel_kind(np.float32)))
    before = str(environment.get("data_fingerprint"))
    if before != data_fingerprint:
        changes.append(f"texts {before[:12]} → {data_fingerprint[:12]}")
    if changes:
        raise RunError(
            f"{folder} cannot be resumed with the same bits, as this has changed: "
            f"{', '.join(changes)}; put it back, or start again with another --out"
        )
    start = LanguageModelStart.of_run(folder, environment, recipe)
    corpus = encode_corpus(recipe, texts, on_event, read_vocabulary(folder, recipe))
    return _beginning(recipe, corpus, sources, data_fingerprint, start)


def _planned(
    sizes: list[list[Recipe]], corpus: Corpus, budget: TimeBudget, on_event: Listener
) -> Recipe:
    finish_compiling(on_event)
    with shard_pool() as pool:
        plan = plan_pretraining(
            sizes, corpus.tokens, budget.left, lambda one: measure_speed(one, corpus, pool)
        )
    recipe = plan.resolved()
    cells = tuple(f"{cell.type.upper()} {cell.units}" for _, cell in layers_of(recipe)[1])
    on_event(PretrainingPlanned(recipe, cells, corpus.tokens, plan.passes, plan.seconds))
    return recipe


def _beginning(
    recipe: Recipe,
    corpus: Corpus,
    sources: list[Any],
    data_fingerprint: str,
    start: LanguageModelStart | None,
) -> Beginning:
    state = initial_state(recipe, corpus)
    if start is not None:
        start.put_into_language_model(state.model)
    result = LanguageModelResult(
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
    return Beginning(recipe, corpus, state, result)


def _name(source: Any) -> str:
    if isinstance(source, Dataset):
        return source.name
    return str(source) if isinstance(source, str | Path) else "texts in memory"
