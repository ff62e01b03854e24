"""Adversarial training: perturb embedded words along the gradient of the loss.

Miyato, Dai & Goodfellow 2017, "Adversarial training methods for semi-supervised text
classification", arXiv:1605.07725. The network is trained on each document and on its perturbed
copy. There, embeddings are normalised so that they cannot outgrow a perturbation of fixed length;
here the length is relative to that of the document, which needs no other parametrisation.
"""

import numpy as np

from hoiquy.nn.kernels import Array, Mask

_TINY = 1e-12  # a document without a gradient is not perturbed


def perturbed(x: Array, d_x: Array, mask: Mask | None, epsilon: float) -> Array:
    """x, each document moved along its gradient by epsilon times its length.

    The length of a document is the Euclidean norm of its features at all steps that count.

    x, d_x: (batch, time, features), embedded words and the gradient of the loss.
    mask: (batch, time), False at steps that do not count.
    """
    counted = x if mask is None else np.where(mask[:, :, None], x, x.dtype.type(0))
    along = d_x if mask is None else np.where(mask[:, :, None], d_x, x.dtype.type(0))
    factors = epsilon * _lengths(counted) / np.maximum(_lengths(along), _TINY)
    return np.asarray(x + along * factors.astype(x.dtype)[:, None, None])


def _lengths(x: Array) -> Array:
    """(batch,) float64."""
    return np.asarray(np.sqrt(np.einsum("tbf,tbf->b", *(x.swapaxes(0, 1),) * 2, dtype=np.float64)))
