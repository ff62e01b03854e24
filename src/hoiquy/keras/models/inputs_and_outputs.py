"""The inputs and outputs of a model, and the network between them."""

from typing import Any

from hoiquy.keras.errors import KerasError
from hoiquy.keras.models.network import Network
from hoiquy.keras.structures import map_leaves
from hoiquy.keras.tensors import KerasTensor


class InputsAndOutputs:
    """What a model begins and ends with; all raise KerasError while the model is not built."""

    _name: str
    _network: Network | None = None
    _input_structure: Any
    _output_structure: Any

    @property
    def network(self) -> Network:
        """What lies between inputs and outputs. Raises KerasError if the model is not built."""
        if self._network is None:
            raise KerasError(
                f"model {self._name} is not built: add an Input or input_shape=…, or call "
                "build(input_shape) or fit"
            )
        return self._network

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs, flat."""
        return self.network.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, flat."""
        return self.network.outputs

    @property
    def input(self) -> Any:
        """The symbolic inputs as they were given: one, a list or a dictionary."""
        _ = self.network
        return self._input_structure

    @property
    def output(self) -> Any:
        """The symbolic outputs as they were given: one, a list or a dictionary."""
        _ = self.network
        return self._output_structure

    @property
    def input_shape(self) -> Any:
        """The shape of the input, batch axis (None) first; of several in their structure."""
        return _single(map_leaves(lambda tensor: tensor.shape, self.input))

    @property
    def output_shape(self) -> Any:
        """The shape of the output, batch axis (None) first; of several in their structure."""
        return _single(map_leaves(lambda tensor: tensor.shape, self.output))

    @property
    def input_names(self) -> list[str]:
        """The names by which a dictionary of arrays gives the inputs."""
        if isinstance(self._input_structure, dict):
            return sorted(self._input_structure)
        return [tensor.node.layer.name for tensor in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that give the outputs: of losses by output, and in logs."""
        return [tensor.node.layer.name for tensor in self.outputs]


def _single(structure: Any) -> Any:
    """The only leaf of a list."""
    if isinstance(structure, list) and len(structure) == 1:
        return structure[0]
    return structure
