"""ActivityRegularization: a penalty of what passes through it, which is added to the loss."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Call, Context, Gradients, Layer
from hoiquy.nn.regularizers import L1L2, Regularizer


@dataclass
class ActivityRegularization(Layer):
    """Passes its inputs on. The penalty of a batch is divided by its rows, as in Keras 3."""

    regularizer: Regularizer = field(default_factory=L1L2)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        batch_size = max(1, context.batch.rows if context.batch else len(inputs[0]))

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_inputs = []
            for x, d_y in zip(inputs, d_outputs, strict=True):
                d_penalty = self.regularizer.gradient(x) / x.dtype.type(batch_size)
                d_inputs.append(d_penalty if d_y is None else d_y + d_penalty)
            return tuple(d_inputs), {}

        if context.penalties is not None:
            context.penalties.extend(self.regularizer.penalty(x) / batch_size for x in inputs)
        return Call(tuple(inputs), tuple(masks), backward)
