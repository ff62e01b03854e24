"""How much the layers and the wide part of a model count, chosen on validation documents."""

from dataclasses import replace

import numpy as np

from hoiquy.batches import scoring_batches
from hoiquy.inference import Inference
from hoiquy.kernels import Array
from hoiquy.layers import Dense
from hoiquy.losses import sigmoid
from hoiquy.model import Model
from hoiquy.parallel import ShardPool
from hoiquy.preparation import Split
from hoiquy.stacking import fit_weights, log_probabilities

_AT_ONCE = 512  # documents
_SILENT = 1e-3  # of both weights together: the answers would be 0.5 to the bit, or nearly so


def weigh_parts(model: Model, validation: Split, pool: ShardPool) -> None:
    """Weigh a trained model's two parts, in place, so that the validation labels are most probable.

    Which part is right more often, and which is too sure of itself, depends on the documents. The
    weights are those of `stacking`. The model goes on averaging logits: those of the layers are
    multiplied through their last layer, those of the wide part through its weights. A model
    without a wide part stays as it is, and so does one of which both parts are more wrong than
    right: few documents, such as one, say so by chance, and it still has to answer something.
    """
    last = model.layers[-1]
    if model.wide is None or not isinstance(last, Dense):
        return
    layers = Inference.of(replace(model, wide=None), validation.table.max_length)
    logits = [layers.read(validation, pool), _logits_of_wide(model, validation)]
    answers = [log_probabilities(sigmoid(one)) for one in logits]
    for_layers, for_wide = (2 * weight for weight in fit_weights(answers, validation.labels))
    if for_layers + for_wide < _SILENT:
        return
    for array in last.parameters.values():
        array *= array.dtype.type(for_layers)
    weights = model.wide.parameters["weights"]
    weights *= weights.dtype.type(for_wide)


def _logits_of_wide(model: Model, split: Split) -> Array:
    assert model.wide is not None
    logits = np.empty((len(split), split.classes), np.float32)
    for rows in scoring_batches(split.lengths, _AT_ONCE):
        x, _ = model.inputs(split.indices(rows))
        logits[rows] = model.wide.forward(x, None, None)[0]
    return logits
