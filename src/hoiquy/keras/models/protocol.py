"""What the modules below `Model` know of it."""

from collections.abc import Sequence
from typing import Any, Protocol

from hoiquy.keras.models.network import Network
from hoiquy.keras.tensors import KerasTensor
from hoiquy.nn.graph import Graph


class BuildableModel(Protocol):
    """A model that data can build and that takes arrays for its inputs.

    accepts_other_sizes: whether arrays may have other sizes than the inputs declare.
    added_losses: what `add_loss` was given.
    """

    accepts_other_sizes: bool
    added_losses: Sequence[KerasTensor]

    @property
    def name(self) -> str: ...

    @property
    def built(self) -> bool: ...

    @property
    def network(self) -> Network: ...

    @property
    def graph(self) -> Graph: ...

    @property
    def inputs(self) -> list[KerasTensor]: ...

    @property
    def outputs(self) -> list[KerasTensor]: ...

    @property
    def input_names(self) -> list[str]: ...

    @property
    def output_names(self) -> list[str]: ...

    @property
    def compiled_settings(self) -> Any: ...

    def build(self, input_shape: Any = None) -> None: ...

    def packed_outputs(self, outputs: list[Any]) -> Any: ...
