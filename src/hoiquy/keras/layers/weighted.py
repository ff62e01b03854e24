"""The weights of layers: their arrays as Keras' variables."""

from typing import Any

from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.weights import Variable, assign_all, parameter_count
from hoiquy.nn.layers import Layer as NNLayer


class Weighted:
    """What a layer needs for its arrays; they exist once the layer of `hoiquy.nn` does."""

    _name: str
    _trainable: bool
    _nn: NNLayer | None
    _scope: str = ""  # before the paths of the arrays

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        if self._nn is not None:
            self._nn.trainable = self._trainable

    @property
    def weights(self) -> list[Variable]:
        """The trained arrays, then those that are only kept."""
        if self._nn is None:
            return []
        layer, frozen = self._nn, not self._trainable
        entries = [(key, array, not frozen) for key, array in layer.parameters.items()]
        entries += [(key, array, False) for key, array in layer.state.items()]
        return [
            Variable(array, key.rpartition("/")[2], self._scope + self.weight_path(key), trainable)
            for key, array, trainable in entries
        ]

    def weight_path(self, key: str) -> str:
        """Where Keras keeps an array, such as "dense/kernel"."""
        return f"{self._name}/{key}"

    @property
    def variables(self) -> list[Variable]:
        return self.weights

    @property
    def trainable_weights(self) -> list[Variable]:
        return [variable for variable in self.weights if variable.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        return [variable for variable in self.weights if not variable.trainable]

    @property
    def trainable_variables(self) -> list[Variable]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        return self.non_trainable_weights

    def get_weights(self) -> list[Any]:
        """Copies of the arrays, in Keras' order and shapes."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Replace the arrays. Raises KerasError where number or shapes differ."""
        if self._nn is None:
            raise KerasError(
                f"{self._name} has no weights yet: build the model first, with an Input, "
                "input_shape=… or model.build(…)"
            )
        assign_all(self._name, self.weights, weights)

    def count_params(self) -> int:
        """The number of parameters. Raises KerasError before the layer is built."""
        if self._nn is None:
            raise KerasError(f"{self._name} is not built and has no parameters yet")
        return parameter_count(self.weights)
