"""Class weights in the training loss: `training.class_weight`."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.labels.cells import label_key
from hoiquy.errors import RecipeError
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.validation_errors import nearest
from hoiquy.training.encoding.prepared import Prepared


def check_class_weight(recipe: Recipe, multilabel: bool) -> None:
    """Raise RecipeError for class weights where documents have several labels."""
    if multilabel and recipe.training.class_weight != "none":
        raise RecipeError(
            "training.class_weight weights the class of a document, and these documents have "
            "several labels: remove it, or pass --set training.class_weight=none"
        )


def class_weights(recipe: Recipe, prepared: Prepared) -> NDArray[np.float64] | None:
    """(classes,) factors of a document's loss; None without class weights.

    As in Keras, the mean divides by the number of documents, and classes missing in the recipe's
    table weigh 1. "balanced" is scikit-learn's documents / (classes * documents of the class) over
    the labelled training documents and their classes. Raises RecipeError for unknown classes, and
    for documents with several labels.
    """
    chosen = recipe.training.class_weight
    if chosen == "none":
        return None
    check_class_weight(recipe, prepared.multilabel)
    names = prepared.class_names
    if chosen == "balanced":
        counts = np.bincount(prepared.labelled().train.labels, minlength=len(names))
        even = counts.sum() / np.count_nonzero(counts)
        return np.asarray(even / np.maximum(counts, 1))
    keys = [label_key(name) for name in names]
    weights = np.ones(len(names))
    for name, weight in chosen.items():
        key = label_key(name)
        if key not in keys:
            raise RecipeError(
                f"training.class_weight: there is no class {name!r}{nearest(name, names)}; the "
                f"classes are {', '.join(names)}"
            )
        weights[names.index(name) if name in names else keys.index(key)] = weight
    return weights
