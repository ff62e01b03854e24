"""Adversarial training: words moved a little to where the network errs most.

Miyato, Dai & Goodfellow 2017, "Adversarial training methods for semi-supervised text
classification", arXiv:1605.07725: the embedded words of a document are moved along the gradient of
its loss, and the network learns from the moved document as well. There, embeddings are normalised
so that they cannot outgrow a movement of fixed length; here the movement is measured by the
document itself instead, which does the same without another parametrisation.
"""

import numpy as np

from hoiquy.nn.kernels import Array, Mask

_TINY = 1e-12  # keeps a document without a gradient where it is


def perturbed(x: Array, d_x: Array, mask: Mask | None, epsilon: float) -> Array:
    """x, each document moved by epsilon times its length along its gradient.

    x, d_x: (time, batch, features), embedded words and the gradient of the loss. The length of a
    document is the Euclidean norm of its features at all steps that count. mask: (time, batch).
    """
    counted = x if mask is None else np.where(mask[:, :, None], x, x.dtype.type(0))
    along = d_x if mask is None else np.where(mask[:, :, None], d_x, x.dtype.type(0))
    factors = epsilon * _lengths(counted) / np.maximum(_lengths(along), _TINY)
    return np.asarray(x + along * factors.astype(x.dtype)[None, :, None])


def _lengths(x: Array) -> Array:
    """(batch,) float64."""
    return np.asarray(np.sqrt(np.einsum("tbf,tbf->b", x, x, dtype=np.float64)))
