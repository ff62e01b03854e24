"""What can be found before the first epoch: in the recipe, in the data, in the fresh network."""

from collections.abc import Iterator

import numpy as np

from hoiquy.data.dataset import Dataset
from hoiquy.data.duplicates import duplicated_rows
from hoiquy.doctor.padding_probe import Forgetting, forgetting
from hoiquy.doctor.settings import padding_settings, with_embedding
from hoiquy.finding import Finding, printable
from hoiquy.layer_sizes import embedding_rows
from hoiquy.preparation import Prepared
from hoiquy.recipe import Recipe

IMBALANCED = 4  # times as many documents in the largest class as in the smallest: 80 to 20 %
MANY_DUPLICATES = 0.01  # of the test documents: as much as the accuracy may gain by them
FEW_DOCUMENTS = 0.01  # a fault of fewer training documents does not show
_ROWS_NAMED = 5


def findings_before(recipe: Recipe, dataset: Dataset, prepared: Prepared) -> Iterator[Finding]:
    """Look at everything there is before the first step."""
    yield from _ranks_as_magnitudes(recipe)
    yield from _padding(recipe, prepared)
    yield from _class_imbalance(recipe, dataset)
    yield from _duplicates(dataset)
    yield from _dead_rows(recipe, prepared)


def _ranks_as_magnitudes(recipe: Recipe) -> Iterator[Finding]:
    if recipe.model.input == "values":
        values = {"highest": recipe.text.num_words - 1}
        yield Finding("ranks_as_magnitudes", values, with_embedding(recipe))


def _padding(recipe: Recipe, prepared: Prepared) -> Iterator[Finding]:
    found = forgetting(recipe, prepared)
    if found is None or found.documents < FEW_DOCUMENTS:
        return
    yield Finding(
        f"padding_forgotten_{recipe.data.padding}",
        {
            "steps": found.steps,
            "left": round(found.left, 3),
            "documents": round(found.documents, 4),
        },
        _cure(recipe, prepared, found),
    )


def _cure(recipe: Recipe, prepared: Prepared, found: Forgetting) -> str:
    """The first setting under which the same probe finds nothing; or less padding."""
    for setting in padding_settings(recipe):
        after = forgetting(recipe.with_settings([setting]), prepared)
        if after is None or after.documents < FEW_DOCUMENTS:
            return setting
    short = int(np.quantile(prepared.train.lengths, FEW_DOCUMENTS))
    return f"data.max_length={short + found.steps - 1}"


def _class_imbalance(recipe: Recipe, dataset: Dataset) -> Iterator[Finding]:
    """Unless the recipe weights the classes, by whatever rule, or documents have several."""
    if recipe.training.class_weight != "none" or dataset.multilabel:
        return
    counts = dataset.train.class_counts(len(dataset.classes))
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    if counts[largest] < IMBALANCED * counts[smallest]:
        return
    yield Finding(
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


def _duplicates(dataset: Dataset) -> Iterator[Finding]:
    rows = duplicated_rows(dataset)
    if len(rows) == 0:
        return
    share = len(rows) / len(dataset.test)
    yield Finding(
        "duplicates",
        {
            "documents": len(rows),
            "share": round(share, 4),
            "rows": ", ".join(map(str, rows[:_ROWS_NAMED].tolist())),
        },
        severity="warning" if share >= MANY_DUPLICATES else "note",
    )


def _dead_rows(recipe: Recipe, prepared: Prepared) -> Iterator[Finding]:
    layer = recipe.model.layers[0]
    if layer.type != "embedding":
        return
    rows, reachable = embedding_rows(recipe, layer, len(prepared.vocabulary.words))
    if rows > reachable:
        yield Finding(
            "dead_rows",
            {"dead": rows - reachable, "rows": rows, "reachable": reachable},
            f"model.layers.0.rows={reachable}",
            severity="note",
        )
