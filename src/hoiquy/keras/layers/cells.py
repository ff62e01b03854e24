"""RNN around cells: what SimpleRNN, LSTM and GRU compute, by the names of their cells."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.kinds import BOOLEAN, Kind
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.calls import is_symbolic
from hoiquy.keras.layers.connected import one_or_list
from hoiquy.keras.layers.recurrent import GRU, LSTM, Recurrent, SimpleRNN
from hoiquy.keras.shapes import as_shapes
from hoiquy.keras.tensors import Shape
from hoiquy.keras.values.scope import current_scope
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
    """One step of a recurrent layer, for `RNN`, or called on a step and the states before."""

    input_rank = 2
    layer_class: ClassVar[type[Recurrent]]
    _state_count = 1

    def __call__(self, inputs: Any, states: Any = None, training: Any = None) -> Any:
        """The output of one step, and the states after it.

        Args:
            inputs: (batch, features).
            states: A list of the states before, each (batch, units); zeros by default.
            training: Whether dropout is active; it is not supported.

        Raises:
            NotSupportedError: Dropout is active, or the inputs are tensors of a model.
        """
        self._refuse_call(inputs, states, training)
        ops = late("ops")
        self.build((None, inputs.shape[-1]))
        if states is None:
            states = [ops.zeros((inputs.shape[0], self.units))] * self._state_count
        given = list(states) if isinstance(states, list | tuple) else [states]
        output, *after = self._one_step(ops.expand_dims(inputs, 1), initial_state=given)
        return output, after

    def _refuse_call(self, inputs: Any, states: Any, training: Any) -> None:
        if is_symbolic([inputs, states]):
            raise NotSupportedError(
                f"{self.name}: a call of a cell on tensors of a model is not supported: use "
                "RNN(cell), or call the cell in a layer of your own"
            )
        scope = current_scope()
        active = training or (training is None and scope is not None and scope.training)
        if active and (self.dropout or self.recurrent_dropout):
            raise NotSupportedError(
                f"{self.name}: dropout of a cell that is called for one step is not supported: "
                "use RNN(cell)"
            )

    def build(self, input_shape: Any = None) -> None:
        """Create the weights for inputs (batch, features)."""
        if self._nn is None:
            layer = self.layer_class(**self._arguments_of_layer())
            shape = as_shapes(input_shape, f"{self.name}: input_shape")[0]
            layer.build((shape[0], None, shape[-1]))
            self.bind_to(layer.nn_layer, shape[0], shape[-1])

    def _arguments_of_layer(self) -> dict[str, Any]:
        return {**self._settings, "name": self.name, "return_state": True}

    @cached_property
    def _one_step(self) -> Recurrent:
        """A layer with the cell's arrays."""
        layer = self.layer_class(**self._arguments_of_layer())
        layer._nn = replace(  # type: ignore[call-arg]
            self.nn_layer, return_sequences=False, return_state=True, go_backwards=False,
            stateful=False,
        )  # fmt: skip
        layer._build_shapes = [(None, None, self._build_shapes[0][-1])]
        return layer

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
    layer_class = SimpleRNN


class LSTMCell(Cell):
    """The cell of LSTM."""

    arguments = _of_cell(LSTM)
    nn_class = nn.LSTM
    layer_class = LSTM
    _state_count = 2


class GRUCell(Cell):
    """The cell of GRU."""

    arguments = _of_cell(GRU)
    nn_class = nn.GRU
    layer_class = GRU


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

    def __new__(cls, cells: Any = (), **kwargs: Any) -> Any:
        """With a cell of the script, what runs its code."""
        code = late("layers.recurrent_code")
        return (
            code.StackedRNNCells(cells, **kwargs) if code.has_code(cells) else super().__new__(cls)
        )

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

    def __call__(self, inputs: Any, states: Any = None, training: Any = None) -> Any:
        """One step of each cell."""
        found = []
        for cell, own in zip(self.cells, states or [None] * len(self.cells), strict=True):
            inputs, after = cell(inputs, own, training=training)
            found.append(after)
        return inputs, found

    @property
    def weights(self) -> list[Any]:
        return [variable for cell in self.cells for variable in cell.weights]


def _cell(value: Any, where: str) -> Any:
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

    def __new__(cls, cell: Any = None, *args: Any, **kwargs: Any) -> Any:
        """With a cell of the script, what runs its code."""
        code = late("layers.recurrent_code")
        if cls is RNN and code.has_code(cell):
            return code.RNN(cell, *args, **kwargs)
        return super().__new__(cls)

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
