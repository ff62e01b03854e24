"""Diagnostics before the first epoch: of the recipe, the data and the untrained network."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hoiquy.callbacks.doctor.during_training import TEXTS_WITHOUT_WORDS
from hoiquy.callbacks.doctor.padding_probe import Forgetting, forgetting
from hoiquy.callbacks.doctor.suggested_settings import CHARACTERS, padding_settings, with_embedding
from hoiquy.data.dataset import Dataset
from hoiquy.data.duplicates import duplicated_rows
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.diagnostic import Diagnostic, printable
from hoiquy.text import OUT_OF_VOCABULARY, START
from hoiquy.training.encoding.prepared import Prepared

# The perplexity of the classes' shares divided by their number: 1 where all are as frequent, and
# 0.82 for two classes with 80% and 20%. Below that, classes are imbalanced.
IMBALANCED = (0.8**-0.8 * 0.2**-0.2) / 2
UNKNOWN = 0.5  # share of the words of validation documents: names have 99%, reviews 5%
UNKNOWN_SINGLE_WORDS = 0.2  # the same, if most texts are a single word
RARELY_REPEATED = 0.5  # distinct words per word; few texts with words reach that
_MOST_TOKENS = 20_000_000  # more are not checked
MANY_DUPLICATES = 0.01  # of the test documents, which bounds the gain in accuracy
FEW_DOCUMENTS = 0.01  # of the training documents; faults of fewer are not reported
_ROWS_NAMED = 5


def diagnostics_before(
    recipe: Recipe, dataset: Dataset, prepared: Prepared
) -> Iterator[Diagnostic]:
    """Run all checks that need no training."""
    yield from _ranks_as_magnitudes(recipe)
    yield from _texts_without_words(recipe, prepared)
    yield from _padding(recipe, prepared)
    yield from _class_imbalance(recipe, dataset)
    yield from _duplicates(dataset)
    yield from _unreachable_rows(recipe, prepared)


def _ranks_as_magnitudes(recipe: Recipe) -> Iterator[Diagnostic]:
    if recipe.model.input == "values":
        values = {"highest": recipe.text.num_words - 1}
        yield Diagnostic("ranks_as_magnitudes", values, with_embedding(recipe))


def _texts_without_words(recipe: Recipe, prepared: Prepared) -> Iterator[Diagnostic]:
    """Splitting at spaces gives one token per text, or tokens that no other text has.

    Not checked for characters and subwords.
    """
    train, validation = prepared.train, prepared.validation
    documents = train.documents
    if recipe.text.tokenizer in ("characters", "subword") or len(documents.indices) > _MOST_TOKENS:
        return
    seen = np.bincount(documents.indices[:], minlength=OUT_OF_VOCABULARY + 1)
    words = validation.documents.indices[:]
    words = words[words != START]
    known = (words < len(seen)) & (words != OUT_OF_VOCABULARY)
    known[known] = seen[words[known]] > 0
    unknown = float(1 - known.mean()) if len(words) else 0.0
    tokens = len(documents.indices) - len(train) + len(words)
    typical = float(np.median(train.words))
    unrepeated = len(prepared.vocabulary.words) >= RARELY_REPEATED * tokens
    if (unknown >= UNKNOWN and unrepeated) or (typical <= 1 and unknown >= UNKNOWN_SINGLE_WORDS):
        values = {"words": typical, "unknown": round(unknown, 4)}
        yield Diagnostic(TEXTS_WITHOUT_WORDS, values, CHARACTERS)


def _padding(recipe: Recipe, prepared: Prepared) -> Iterator[Diagnostic]:
    found = forgetting(recipe, prepared)
    if found is None or found.documents < FEW_DOCUMENTS:
        return
    yield Diagnostic(
        f"padding_forgotten_{recipe.data.padding}",
        {
            "steps": found.steps,
            "left": round(found.left, 3),
            "documents": round(found.documents, 4),
        },
        _cure(recipe, prepared, found),
    )


def _cure(recipe: Recipe, prepared: Prepared, found: Forgetting) -> str:
    """The first setting with which the probe finds nothing; otherwise less padding."""
    for setting in padding_settings(recipe):
        after = forgetting(recipe.with_settings([setting]), prepared)
        if after is None or after.documents < FEW_DOCUMENTS:
            return setting
    short = int(np.quantile(prepared.train.lengths, FEW_DOCUMENTS))
    return f"data.max_length={short + found.steps - 1}"


def _class_imbalance(recipe: Recipe, dataset: Dataset) -> Iterator[Diagnostic]:
    """Not checked if the recipe weights the classes or documents have several labels."""
    if recipe.training.class_weight != "none" or dataset.multilabel:
        return
    counts = dataset.train.class_counts(len(dataset.classes))
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    if evenness(counts) > IMBALANCED + 1e-9:  # 80% and 20% count as imbalanced
        return
    yield Diagnostic(
        "class_imbalance",
        {
            "largest": printable(dataset.classes[largest]),
            "smallest": printable(dataset.classes[smallest]),
            "most": int(counts[largest]),
            "fewest": int(counts[smallest]),
            "majority": round(float(counts[largest] / counts.sum()), 4),
        },
        'training.class_weight="balanced"',
    )


def evenness(counts: NDArray[np.int64]) -> float:
    """1 if all classes have equally many documents, 1 / classes if one has all of them."""
    shares = counts[counts > 0] / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()) / len(counts))


def _duplicates(dataset: Dataset) -> Iterator[Diagnostic]:
    rows = duplicated_rows(dataset)
    if len(rows) == 0:
        return
    share = len(rows) / len(dataset.test)
    yield Diagnostic(
        "duplicates",
        {
            "documents": len(rows),
            "share": round(share, 4),
            "rows": ", ".join(map(str, rows[:_ROWS_NAMED].tolist())),
        },
        severity="warning" if share >= MANY_DUPLICATES else "note",
    )


def _unreachable_rows(recipe: Recipe, prepared: Prepared) -> Iterator[Diagnostic]:
    layer = recipe.model.layers[0]
    if layer.type != "embedding":
        return
    rows, reachable = embedding_rows(recipe, layer, len(prepared.vocabulary.words))
    if rows > reachable:
        yield Diagnostic(
            "unreachable_rows",
            {"unreachable": rows - reachable, "rows": rows, "reachable": reachable},
            f"model.layers.0.rows={reachable}",
            severity="note",
        )
