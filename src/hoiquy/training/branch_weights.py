"""Branch weights: the layers and the wide part of a model, weighted on validation documents."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.layers import Dense
from hoiquy.nn.losses import log_probabilities
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.inference import Inference
from hoiquy.training.stacking import fit_stacking_weights

_SILENT = 1e-3  # sum of both weights; probabilities would be about equal
_FEW = 50  # validation documents; with fewer, weights of 0 may be chance
_TOO_FEW = 20  # with fewer, any weights are: all documents may be right, and the weights then large


def fit_branch_weights(
    model: Model,
    validation: Split,
    pool: ShardPool,
    class_shares: NDArray[np.float64] | None = None,
) -> None:
    """Scale the layers and the wide part of a trained model in place, by stacking weights.

    The weights make the validation labels most probable; with a softmax, that likelihood is the
    scaled model's. The model keeps averaging logits: the last layer and the wide part's
    weights are scaled. A model without a wide part is unchanged, and so is one with fewer than 20
    validation documents, or where both weights are about 0 with few documents or without class
    shares.

    class_shares: (classes,) of the training documents, each above 0, or None. They are a third
    branch, added to the last bias: a model that predicts almost at random then predicts the most
    frequent class.
    """
    last = model.layers[-1]
    if model.wide is None or not isinstance(last, Dense) or len(validation) < _TOO_FEW:
        return
    branches = [Inference.of(part, validation.table.max_length) for part in model.branches()]
    logits = [branch.logits_of(validation, pool) for branch in branches]
    if validation.multilabel:  # each label is a separate yes or no
        shares = [model.output.probabilities(one).ravel() for one in logits]
        log_p = [log_probabilities(np.stack([1 - p, p], axis=1)) for p in shares]
    else:
        log_p = [model.output.log_probabilities(one) for one in logits]
    if class_shares is not None:
        log_p.append(np.tile(np.log(class_shares), (len(validation), 1)))
    branch_weights = fit_stacking_weights(log_p, validation.labels.ravel())
    for_layers, for_wide, *for_shares = (2 * weight for weight in branch_weights)
    may_be_chance = class_shares is None or len(validation) < _FEW
    if for_layers + for_wide < _SILENT and may_be_chance:
        return
    for array in last.parameters.values():
        array *= array.dtype.type(for_layers)
    if class_shares is not None:
        bias = last.parameters["bias"]
        bias += (for_shares[0] * np.log(class_shares)).astype(bias.dtype)
    weights = model.wide.parameters["weights"]
    weights *= weights.dtype.type(for_wide)
