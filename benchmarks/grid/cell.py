"""A cell of the grid: a network, a batch and a length."""

from dataclasses import dataclass, replace
from typing import Any

WORDS, EMBEDDING = 10_000, 128
GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}


@dataclass(frozen=True, order=True)
class Cell:
    """Embedding(10,000, 128), recurrent layers, Dense(1, sigmoid), trained on one batch.

    masked: documents end with padding that the mask leaves out (`mask_zero`); otherwise they begin
    with padding, which counts as words do.
    """

    kind: str  # LSTM, GRU or SimpleRNN
    bidirectional: bool
    layers: int
    units: int
    batch: int
    length: int
    masked: bool

    @property
    def label(self) -> str:
        ways, mask = "2×" if self.bidirectional else "", " masked" if self.masked else ""
        depth = f"{self.layers} layers " if self.layers > 1 else ""
        return f"{depth}{ways}{self.kind}({self.units}), {self.batch} × {self.length}{mask}"

    def level(self, factor: str) -> Any:
        return getattr(self, factor)

    def one_layer(self) -> "Cell":
        """The cell whose only layer is the first one of this, without the mask."""
        return replace(self, bidirectional=False, layers=1, masked=False)


FACTORS: dict[str, tuple[Any, ...]] = {
    "kind": tuple(GATES),
    "bidirectional": (False, True),
    "layers": (1, 2),
    "units": (32, 64, 128, 256, 512),
    "batch": (1, 8, 32, 128),
    "length": (50, 200, 500),
    "masked": (False, True),
}

_LAB = Cell("LSTM", False, 1, 200, 128, 200, masked=False)
_GRU = replace(_LAB, kind="GRU")
FIXED = (  # the lab's layers, Keras' default batch, short texts, large layers
    _LAB,
    _GRU,
    replace(_LAB, batch=32),
    replace(_GRU, batch=32),
    replace(_LAB, length=25),
    replace(_GRU, length=25),
    replace(_LAB, units=300),
    replace(_LAB, units=400),
    replace(_LAB, units=512, batch=32),
)


def gflop(cell: Cell) -> float:
    """Operations of the recurrent layers' matrix products in one training step, in 10^9.

    Forward x W and h U; backward the gradients of W, U, h and x. Padding counts as steps.
    """
    directions = 2 if cell.bidirectional else 1
    inputs, depth = EMBEDDING, 0
    for _ in range(cell.layers):
        depth += directions * 3 * (inputs + cell.units)
        inputs = directions * cell.units
    return 2e-9 * cell.length * cell.batch * GATES[cell.kind] * cell.units * depth
