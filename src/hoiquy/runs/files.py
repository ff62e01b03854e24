"""The files of a run folder, as names and bytes.

`write_checksummed(folder, recipe_file(recipe) | result_file(result))` saves some of them.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any, Literal

from numpy.typing import NDArray

from hoiquy.errors import RunError
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.runs.arrays import Predictions, dump_arrays, dump_predictions
from hoiquy.runs.compact_rows import CompactRows, packed
from hoiquy.runs.diagnostic import Diagnostic, check_has_texts
from hoiquy.runs.examples import Example
from hoiquy.runs.history import EpochRecord, dump_history
from hoiquy.runs.misclassified import Misclassified
from hoiquy.system.json_files import as_json, parse_json
from hoiquy.text import Subwords, Vocabulary

RECIPE, VOCABULARY, SUMMARY = "recipe.toml", "vocabulary.txt", "summary.txt"
NGRAMS = "ngrams.txt"  # only where the recipe has n-grams
SUBWORDS = "subwords.model"  # only with a subword tokenizer
WEIGHTS, HISTORY, RESULT = "weights.safetensors", "history.jsonl", "result.json"
PREDICTIONS, COST, ENVIRONMENT = "predictions.parquet", "cost.json", "environment.json"
MISCLASSIFIED, DIAGNOSTICS = "misclassified.json", "diagnostics.json"
EXAMPLES = "examples.json"
PLAN = "plan.json"  # of an ensemble
# Equal bytes from equal trainings, on any number of threads, interrupted or not.
REPEATABLE = (
    RECIPE, VOCABULARY, SUMMARY, WEIGHTS, HISTORY, RESULT, PREDICTIONS, MISCLASSIFIED, DIAGNOSTICS,
    EXAMPLES,
)  # fmt: skip

LANGUAGE_MODEL = "language_model"  # `kind` in its environment and result
UNLABELLED = "unlabelled"  # key in the environment of a run that learns from texts without labels
VECTORS = "vectors"  # key in the environment of a run that began with a file of word vectors
TRIAL = "trial"  # key in the environment of a trial of `hoiquy search`
COMPACT = "compact"  # key in the environment of a copy by `hoiquy compact`
SOFT_LABELS, SOFT_LABELLED = "soft_labels.json", "soft_labels.parquet"  # of `hoiquy pseudo-label`
SOFT_LABEL_FOLDER = "soft-labels"  # in the folder of a run: made for its training, or one a fold
TEACHER = "teacher"  # folder of the teacher in the folder of a run that learns from its labels
TO_LABEL = "texts_to_label"  # key in the environment of this teacher

Contents = dict[str, bytes]
Metric = Literal["accuracy", "macro_f1", "log_loss"]


@dataclass(frozen=True)
class Result:
    """`result.json`; equal trainings give equal bytes, resumed or not."""

    recipe: str  # its name
    status: Literal["complete", "interrupted", "untested"]  # untested: see `runs.check_was_tested`
    engine: str  # "hoiquy", "hoiquy.keras", "keras (jax)" or "keras (imported)"
    seed: int
    data: str  # the data set's name
    data_description: str
    official_test: bool
    data_fingerprint: str
    classes: list[str]
    train_documents: int  # with a label
    validation_documents: int
    test_documents: int
    test_accuracy: float | None  # fraction; None while interrupted
    test_loss: float | None
    test_macro_f1: float | None
    parameters: int  # as the summary counts them
    unreachable_parameters: int  # embedding rows that no document can reach
    epochs: int  # finished
    best_epoch: int  # 0 before the first
    changes: list[str]  # of versions, processor … between sessions, see `changes_since`
    soft_labelled_documents: int = 0  # trained on with the probabilities of teachers
    pseudo_label_iteration: int = 0  # of their soft labels; 1: no teacher was trained on any
    multilabel: bool = False  # several labels per document; accuracy is of whole label sets
    metric: Metric | None = None  # that an ensemble aims at; None for a single network
    minutes: float | None = None  # time budget of an ensemble

    @property
    def is_ensemble(self) -> bool:
        """Whether several models predict together; see `runs.ensemble`."""
        return self.metric is not None

    @property
    def data_name(self) -> str:
        """The data set's name, of a path its last part."""
        return PurePath(self.data).name or self.data

    @property
    def training_documents(self) -> int:
        """The documents of an epoch, labelled and soft-labelled."""
        return self.train_documents + self.soft_labelled_documents


@dataclass(frozen=True)
class Cost:
    """`cost.json`: time and memory of a training."""

    seconds: float = 0.0  # of all sessions together
    processor_seconds: float = 0.0  # of all threads; 0 in folders from before this was measured
    peak_memory_bytes: int = 0
    resumed: int = 0  # times
    epoch_seconds: tuple[float, ...] = ()  # of a language model: up to the end of each epoch


def recipe_file(recipe: Recipe) -> Contents:
    return {RECIPE: recipe.to_toml().encode("utf-8")}


def vocabulary_file(vocabulary: Vocabulary) -> Contents:
    """The words by rank, the n-grams and the subword model if any."""
    subwords = vocabulary.rules.subwords
    of_subwords = {SUBWORDS: subwords.model} if subwords is not None else {}
    ngrams = vocabulary.ngrams
    of_ngrams = {NGRAMS: ngrams.dump(vocabulary.words)} if ngrams is not None else {}
    return {VOCABULARY: vocabulary.dump(), **of_ngrams, **of_subwords}


def parse_vocabulary(recipe: Recipe, read: Callable[[str], bytes], source: str) -> Vocabulary:
    """The words and their tokenizer, without n-grams; `read` returns a file's bytes by its name.

    Raises DataError, naming the source, if a file is damaged.
    """
    subwords = Subwords(read(SUBWORDS)) if recipe.text.tokenizer == "subword" else None
    rules = build_tokenizer(recipe.text, subwords)
    text = recipe.text
    return Vocabulary.parse(read(VOCABULARY), text.num_words, source, rules, text.scheme)


def summary_file(summary: str) -> Contents:
    return {SUMMARY: summary.encode("utf-8")}


def environment_file(environment: Mapping[str, Any]) -> Contents:
    return {ENVIRONMENT: as_json(environment)}


def weights_file(weights: Mapping[str, NDArray[Any] | CompactRows]) -> Contents:
    return {WEIGHTS: dump_arrays(packed(weights))}


def history_file(records: Iterable[EpochRecord]) -> Contents:
    return {HISTORY: dump_history(records).encode("utf-8")}


def result_file(result: Result) -> Contents:
    return {RESULT: as_json(asdict(result))}


def cost_file(cost: Cost) -> Contents:
    return {COST: as_json(asdict(cost))}


def predictions_file(predictions: Predictions, classes: list[str]) -> Contents:
    """Raises ShapeError for another number of classes."""
    return {PREDICTIONS: dump_predictions(predictions, classes)}


def misclassified_file(misclassified: Misclassified) -> Contents:
    return {MISCLASSIFIED: as_json(asdict(misclassified))}


def examples_file(examples: Iterable[Example]) -> Contents:
    return {EXAMPLES: as_json([asdict(example) for example in examples])}


def diagnostics_file(diagnostics: Iterable[Diagnostic]) -> Contents:
    return {DIAGNOSTICS: as_json([asdict(diagnostic) for diagnostic in diagnostics])}


def parse_result(content: bytes, source: str) -> Result:
    """Raises RunError, naming the source and the key."""
    return parse_json(Result, content, source)


def parse_cost(content: bytes, source: str) -> Cost:
    """Raises RunError, naming the source and the key."""
    return parse_json(Cost, content, source)


def parse_misclassified(content: bytes, source: str) -> Misclassified:
    """Raises RunError, naming the source and the key."""
    return parse_json(Misclassified, content, source)


def parse_examples(content: bytes, source: str) -> tuple[Example, ...]:
    """Raises RunError, naming the source and the key."""
    return parse_json(tuple[Example, ...], content, source)


def parse_diagnostics(content: bytes, source: str) -> tuple[Diagnostic, ...]:
    """Raises RunError, naming the source and the key, also for a diagnostic without texts."""
    diagnostics = parse_json(tuple[Diagnostic, ...], content, source)
    for number, diagnostic in enumerate(diagnostics):
        try:
            check_has_texts(diagnostic)
        except ValueError as error:
            raise RunError(f"{source} is damaged: {number}: {error}") from error
    return diagnostics


def parse_environment(content: bytes, source: str) -> dict[str, Any]:
    """Raises RunError."""
    try:
        facts = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RunError(f"{source} is damaged: not JSON") from error
    if not isinstance(facts, dict):
        raise RunError(f"{source} is damaged: not a JSON object")
    return facts
