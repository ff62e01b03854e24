"""How much the layers and the wide part of a model count, chosen on validation documents."""

import numpy as np

from hoiquy.inference import Inference
from hoiquy.layers import Dense
from hoiquy.model import Model
from hoiquy.parallel import ShardPool
from hoiquy.preparation import Split
from hoiquy.stacking import fit_weights, log_probabilities

_SILENT = 1e-3  # of both weights together: the answers would be 0.5 to the bit, or nearly so


def weigh_parts(model: Model, validation: Split, pool: ShardPool) -> None:
    """Weigh a trained model's two parts, in place, so that the validation labels are most probable.

    Which part is right more often, and which is too sure of itself, depends on the documents. The
    weights are those of `stacking`; with a softmax, their likelihood is that of the weighted model
    itself. The model goes on averaging logits: those of the layers are
    multiplied through their last layer, those of the wide part through its weights. A model
    without a wide part stays as it is, and so does one of which both parts are more wrong than
    right: few documents, such as one, say so by chance, and it still has to answer something.
    """
    last = model.layers[-1]
    if model.wide is None or not isinstance(last, Dense):
        return
    readers = [Inference.of(part, validation.table.max_length) for part in model.alone()]
    logits = [one.read(validation, pool) for one in readers]
    if validation.multilabel:  # each label is a question of its own: has it, or not
        shares = [model.output.probabilities(one).ravel() for one in logits]
        answers = [log_probabilities(np.stack([1 - p, p], axis=1)) for p in shares]
    else:
        answers = [model.output.log_probabilities(one) for one in logits]
    weights_of_parts = fit_weights(answers, validation.labels.ravel())
    for_layers, for_wide = (2 * weight for weight in weights_of_parts)
    if for_layers + for_wide < _SILENT:
        return
    for array in last.parameters.values():
        array *= array.dtype.type(for_layers)
    weights = model.wide.parameters["weights"]
    weights *= weights.dtype.type(for_wide)
