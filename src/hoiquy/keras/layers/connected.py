"""The symbolic inputs and outputs of layers."""

from typing import Any

from hoiquy.keras.tensors import Node


class Connected:
    """What a layer knows of its calls on symbolic tensors, in their order."""

    _name: str
    inbound_nodes: list[Node]

    def _first_node(self) -> Node:
        if not self.inbound_nodes:
            raise AttributeError(f"{self._name} was not called yet: it has no input and no output")
        return self.inbound_nodes[0]

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
