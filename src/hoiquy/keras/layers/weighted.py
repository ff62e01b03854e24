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
        """Whether the arrays are trained; may be set, also between two calls of `fit`."""
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
        variables = []
        for key, array, trainable in entries:
            name, path = key.rpartition("/")[2], self._scope + self.weight_path(key)
            variables.append(Variable(array, name, path, trainable))
            variables[-1].constraint = layer.constraints.get(key)
        return variables

    def weight_path(self, key: str) -> str:
        """Where Keras keeps an array, such as "dense/kernel"."""
        return f"{self._name}/{key}"

    @property
    def variables(self) -> list[Variable]:
        """`weights`, by another name."""
        return self.weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The arrays that training changes."""
        return [variable for variable in self.weights if variable.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The arrays that are frozen or only kept."""
        return [variable for variable in self.weights if not variable.trainable]

    @property
    def trainable_variables(self) -> list[Variable]:
        """`trainable_weights`, by another name."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """`non_trainable_weights`, by another name."""
        return self.non_trainable_weights

    def get_weights(self) -> list[Any]:
        """Copies of the arrays, float32, in Keras' order and shapes; none before it is built."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Replace the arrays, all or none.

        Args:
            weights: One array for each of `weights`, of the same shape, as `get_weights` gives.

        Raises:
            KerasError: Number or shapes differ, or there are no weights yet.
        """
        if self._nn is None and not self.weights:
            raise KerasError(
                f"{self._name} has no weights yet: build the model first, with an Input, "
                "input_shape=… or model.build(…)"
            )
        assign_all(self._name, self.weights, weights)

    def count_params(self) -> int:
        """The number of numbers in the weights. Raises KerasError before there are weights."""
        if self._nn is None:
            raise KerasError(f"{self._name} is not built and has no parameters yet")
        return parameter_count(self.weights)
