"""How much the layers and the wide part of a model count, chosen on validation documents."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.layers import Dense
from hoiquy.nn.losses import log_probabilities
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.inference import Inference
from hoiquy.training.stacking import fit_stacking_weights

_SILENT = 1e-3  # of both weights together: the probabilities would be equal, or nearly so
_FEW = 50  # validation documents, by which chance alone can turn a model against itself


def fit_branch_weights(
    model: Model,
    validation: Split,
    pool: ShardPool,
    class_shares: NDArray[np.float64] | None = None,
) -> None:
    """Weigh a trained model's two parts, in place, so that the validation labels are most probable.

    Which part is right more often, and which is too sure of itself, depends on the documents. The
    weights are those of `stacking`; with a softmax, their likelihood is that of the weighted model
    itself. The model keeps averaging logits: those of the layers are multiplied through their last
    layer, those of the wide part through its weights. A model without a wide part stays as it is,
    and so does one whose parts both get no weight by few documents, or with nothing beside them: it
    still has to predict something.

    class_shares: (classes,) of the training documents, each above 0, or None. They are weighed as a
    third part, which the last bias takes up: a model that has learnt next to nothing then predicts
    the most frequent class, and not all classes alike.
    """
    last = model.layers[-1]
    if model.wide is None or not isinstance(last, Dense):
        return
    readers = [Inference.of(part, validation.table.max_length) for part in model.branches()]
    logits = [one.read(validation, pool) for one in readers]
    if validation.multilabel:  # each label is a separate yes or no
        shares = [model.output.probabilities(one).ravel() for one in logits]
        answers = [log_probabilities(np.stack([1 - p, p], axis=1)) for p in shares]
    else:
        answers = [model.output.log_probabilities(one) for one in logits]
    if class_shares is not None:
        answers.append(np.tile(np.log(class_shares), (len(validation), 1)))
    weights_of_parts = fit_stacking_weights(answers, validation.labels.ravel())
    for_layers, for_wide, *for_shares = (2 * weight for weight in weights_of_parts)
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
