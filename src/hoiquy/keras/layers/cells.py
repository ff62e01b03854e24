"""RNN around cells: what SimpleRNN, LSTM and GRU compute, by the names of their cells."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.kinds import BOOLEAN, Kind
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.connected import one_or_list
from hoiquy.keras.layers.recurrent import GRU, LSTM, Recurrent, SimpleRNN
from hoiquy.keras.tensors import Shape
from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Layer as NNLayer

_OF_LAYERS = (
    "return_sequences",
    "return_state",
    "go_backwards",
    "stateful",
    "zero_output_for_mask",
)
_OF_CELLS = {*_OF_LAYERS, "implementation"}


def _of_cell(layer: type[Recurrent]) -> tuple[Argument, ...]:
    """The arguments of a recurrent layer that its cell has, in Keras' order."""
    own = [each for each in layer.arguments if each.name not in _OF_LAYERS]
    last = [each for each in own if each.name == "seed"][:1]
    return (*[each for each in own if each.name != "seed"], *(_saved(each) for each in last))


def _saved(argument: Argument) -> Argument:
    return replace(argument, saved=True)


class Cell(Layer):
    """One step of a recurrent layer. It only works within `RNN`."""

    input_rank = 2
    _state_count = 1

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotSupportedError(
            f"{self.name}: a call of a cell for one step is not supported: use RNN(cell), or the "
            "layers SimpleRNN, LSTM and GRU"
        )

    def nn_settings(self) -> dict[str, Any]:
        return {**super().nn_settings(), "masked_with_states": False}

    @property
    def state_size(self) -> int | list[int]:
        """The units of each state."""
        units: int = self.units
        return units if self._state_count == 1 else [units] * self._state_count

    @property
    def output_size(self) -> int:
        """The units of the output."""
        units: int = self.units
        return units

    def bind_to(self, layer: NNLayer, batch: int | None, features: int | None) -> None:
        """Take the arrays of a layer that is built."""
        self._nn, self._build_shapes = layer, [(batch, features)]


class SimpleRNNCell(Cell):
    """The cell of SimpleRNN."""

    arguments = _of_cell(SimpleRNN)
    nn_class = nn.SimpleRNN


class LSTMCell(Cell):
    """The cell of LSTM."""

    arguments = _of_cell(LSTM)
    nn_class = nn.LSTM
    _state_count = 2


class GRUCell(Cell):
    """The cell of GRU."""

    arguments = _of_cell(GRU)
    nn_class = nn.GRU


def _cells(value: Any, where: str) -> list[Any]:
    cells = list(value) if isinstance(value, list | tuple) else [value]
    for cell in cells:
        if not isinstance(cell, Cell):
            raise NotSupportedError(
                f"{where} holds {type(cell).__name__}, which is not supported, only SimpleRNNCell, "
                "LSTMCell and GRUCell"
            )
    if not cells:
        raise KerasError(f"{where} is empty, expected one cell or more")
    return cells


def _entries(cells: Sequence[Layer]) -> list[Any]:
    return [late("models.configuration").serialized_layer(cell) for cell in cells]


def _from_entries(value: Any) -> Any:
    """Cells, where a configuration has entries of them."""
    if isinstance(value, list | tuple):
        return [_from_entries(each) for each in value]
    return (
        late("models.configuration").layer_from_config(value) if isinstance(value, dict) else value
    )


class StackedRNNCells(Cell):
    """Cells one above another, for `RNN`."""

    arguments = (Argument("cells", kind=Kind(_cells, to_config=_entries), field=""),)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**{**config, "cells": _from_entries(config.get("cells"))})

    @property
    def state_size(self) -> Any:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        units: int = self.cells[-1].output_size
        return units

    @property
    def weights(self) -> list[Any]:
        return [variable for cell in self.cells for variable in cell.weights]


def _cell(value: Any, where: str) -> Cell:
    if isinstance(value, list | tuple):
        return StackedRNNCells(value)
    if not isinstance(value, Cell):
        if not isinstance(value, Layer):
            raise KerasTypeError(f"{where} is {type(value).__name__}, expected a cell")
        raise NotSupportedError(
            f"{where} is {type(value).__name__}, which is not supported, only SimpleRNNCell, "
            "LSTMCell, GRUCell and StackedRNNCells"
        )
    return value


class RNN(Recurrent):
    """A recurrent layer of a cell, or of several cells one above another."""

    arguments = (
        Argument("cell", kind=Kind(_cell, to_config=lambda cell: _entries([cell])[0]), field=""),
        *(Argument(name, False, BOOLEAN) for name in _OF_LAYERS),
    )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**{**config, "cell": _from_entries(config.get("cell"))})

    @property
    def cells(self) -> list[Cell]:
        """The cells, from the input on."""
        cell = self.cell
        return list(cell.cells) if isinstance(cell, StackedRNNCells) else [cell]

    @property
    def is_stacked(self) -> bool:
        """Whether there may be several cells."""
        return isinstance(self.cell, StackedRNNCells)

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        made = [cell.create(shapes) for cell in self.cells]
        settings = {name: self._settings[name] for name in _OF_LAYERS}
        if self.is_stacked:
            return nn.StackedRecurrent.of(self.name, made, **settings)  # type: ignore[arg-type]
        return replace(made[0], name=self.name, **settings)

    def create_weights(self, layer: NNLayer, shapes: Sequence[Shape]) -> None:
        super().create_weights(layer, shapes)
        batch, _, features = shapes[0]
        layers = layer.layers if isinstance(layer, nn.StackedRecurrent) else [layer]
        for cell, own in zip(self.cells, layers, strict=True):
            cell.bind_to(own, batch, features)
            features = cell.output_size
        if self.is_stacked:
            self.cell.bind_to(layer, batch, shapes[0][-1])

    def packed_outputs(self, outputs: list[Any]) -> Any:
        """With `return_state` the states follow the output; of a stacked LSTMCell in a list."""
        if not self.return_state:
            return outputs[0]
        return [outputs[0], *self.packed_states(list(outputs[1:]))]

    def packed_states(self, states: list[Any]) -> list[Any]:
        if not self.is_stacked:
            return states
        packed, rest = [], list(states)
        for cell in self.cells:
            packed.append(one_or_list(rest[: cell._state_count]))
            rest = rest[cell._state_count :]
        return packed

    def weight_path(self, key: str) -> str:
        if not self.is_stacked:
            return f"{self.name}/{self.cell.name}/{key}"
        number, _, name = key.partition("/")
        cell = self.cells[int(number.removeprefix("cell_"))]
        return f"{self.name}/{self.cell.name}/{cell.name}/{name}"
