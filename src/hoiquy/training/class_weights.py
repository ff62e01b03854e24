"""How much a document of each class counts in the training loss: `training.class_weight`."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.labels.cells import label_key
from hoiquy.errors import RecipeError
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.validation_errors import nearest
from hoiquy.training.encoding.prepared import Prepared


def class_weights(recipe: Recipe, prepared: Prepared) -> NDArray[np.float64] | None:
    """(classes,) what the loss of a document is multiplied by, or None where nothing is weighted.

    As Keras' `class_weight`: the mean still divides by the number of documents, and a class that
    the recipe's table leaves out counts 1; its names are compared as labels are. "balanced" is that
    of scikit-learn: documents / (classes * documents of the class), over the labelled training
    documents and the classes among them.
    Raises RecipeError if the table names a class that the data set has not, or documents may have
    several labels.
    """
    chosen = recipe.training.class_weight
    if chosen == "none":
        return None
    if prepared.multilabel:
        raise RecipeError(
            "training.class_weight weights the class of a document, and these documents have "
            "several labels: leave it out, or say --set training.class_weight=none"
        )
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
