"""The names of layers, and their symbolic inputs and outputs."""

from typing import Any

from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import Node


class Connected:
    """The name of a layer, and what it knows of its calls on symbolic tensors, in order."""

    _name: str
    inbound_nodes: list[Node]

    @property
    def name(self) -> str:
        """The name: given, or a number after the class, such as dense_1."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = str(name)

    def _first_node(self) -> Node:
        return self._node(0)

    def _node(self, index: int) -> Node:
        calls = len(self.inbound_nodes)
        if not calls:
            raise AttributeError(f"{self._name} was not called yet: it has no input and no output")
        if not -calls <= index < calls:
            raise KerasError(f"{self._name} has {calls} calls, no call {index}")
        return self.inbound_nodes[index]

    def get_input_at(self, node_index: int) -> Any:
        """The symbolic input of a call, counted from 0. Raises KerasError if there is none."""
        return one_or_list(self._node(node_index).inputs)

    def get_output_at(self, node_index: int) -> Any:
        """The symbolic output of a call. Raises KerasError if there is none."""
        return one_or_list(self._node(node_index).outputs)

    def get_input_shape_at(self, node_index: int) -> Any:
        """The shape of `get_input_at`."""
        return one_or_list([tensor.shape for tensor in self._node(node_index).inputs])

    def get_output_shape_at(self, node_index: int) -> Any:
        """The shape of `get_output_at`."""
        return one_or_list([tensor.shape for tensor in self._node(node_index).outputs])

    @property
    def input(self) -> Any:
        """The symbolic input of the first call, or a list. Raises AttributeError before."""
        return one_or_list(self._first_node().inputs)

    @property
    def output(self) -> Any:
        """The symbolic output of the first call, or a list. Raises AttributeError before."""
        return one_or_list(self._first_node().outputs)

    @property
    def input_shape(self) -> Any:
        """The shape of `input`, batch axis (None) first, or a list of them."""
        return one_or_list([tensor.shape for tensor in self._first_node().inputs])

    @property
    def output_shape(self) -> Any:
        """The shape of `output`, batch axis (None) first, or a list of them."""
        return one_or_list([tensor.shape for tensor in self._first_node().outputs])


def one_or_list(items: list[Any]) -> Any:
    """The only item, or the list."""
    return items[0] if len(items) == 1 else items
