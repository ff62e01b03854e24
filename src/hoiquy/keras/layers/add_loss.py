"""The layer that adds tensors of a model to its loss, for `Model.add_loss`."""

from typing import Any

from hoiquy.keras import ops
from hoiquy.keras.layers.script_layer import Layer


class AddLoss(Layer):
    """Returns its first input; the means of the others are added to the loss."""

    adds_to_loss = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The first input."""
        first, *losses = inputs
        for loss in losses:
            self.add_loss(ops.mean(loss))
        return first

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the first input."""
        return mask[0] if isinstance(mask, list | tuple) else mask
