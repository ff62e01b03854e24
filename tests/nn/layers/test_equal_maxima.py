"""The gradient of a maximum over time that several steps reach."""

import numpy as np
import pytest

from hoiquy.nn.layers import Context, MaxPooling


@pytest.mark.parametrize("uses_mask", [False, True])
def test_equals_share_the_gradient_where_masks_do_not_count(uses_mask: bool) -> None:
    """As Keras' GlobalMaxPooling1D has it; else the first of them gets it."""
    x = np.array([[[3, 0], [1, 0], [3, 0], [3, -1]]], "float32")
    call = MaxPooling("pool", uses_mask=uses_mask).call([x], [None], Context())
    np.testing.assert_array_equal(call.outputs[0], [[3, 0]])
    (d_x,), _ = call.backward([np.array([[6, 3]], "float32")])
    shared = [[[2, 1], [0, 1], [2, 1], [2, 0]]]
    first = [[[6, 3], [0, 0], [0, 0], [0, 0]]]
    np.testing.assert_allclose(d_x, first if uses_mask else shared)
