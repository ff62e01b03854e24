"""The weights of a script's layer: its own, then those of the layers that it holds."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.added_weights import AddedWeight, added_weight
from hoiquy.keras.layers.weighted import Weighted
from hoiquy.keras.layers.weights import Variable, assign_all, parameter_count
from hoiquy.keras.names import snake_case

_NOT_HELD = ("_built_in", "_given", "_nn", "_penalty_layer", "_settings", "inbound_nodes")


class ScriptWeights(Weighted):
    """`add_weight`, and what follows from it and from the attributes of the layer."""

    _name: str
    _trainable: bool

    def add_weight(self, *args: Any, **kwargs: Any) -> Variable:
        """A new array of the layer, in the spellings of Keras 1, 2 and 3.

        Raises:
            KerasError: The shape has an unknown size.
            KerasTypeError: An argument is unknown.
        """
        if "_settings" not in self.__dict__:
            raise KerasError(f"{type(self).__name__}: call super().__init__() before add_weight")
        added = added_weight(self._name, args, kwargs)
        self._added.append(added)
        self._nn = None
        return added.variable

    add_variable = add_weight

    @property
    def _added(self) -> list[AddedWeight]:
        found: list[AddedWeight] = self.__dict__.setdefault("_added_weights", [])
        return found

    def held_layers(self) -> list[tuple[str, Any]]:
        """The layers among the attributes, with their places, such as "dense" and "blocks/dense".

        Places are those of Keras 3's weights files.
        """
        found: dict[int, tuple[str, Any]] = {}
        for name, value in self.__dict__.items():
            if name not in _NOT_HELD:
                for place, layer in layers_in(name, value):
                    if layer is not self:
                        found.setdefault(id(layer), (place, layer))
        return list(found.values())

    def inner_layers(self) -> list[Any]:
        """The layers whose arrays are trained with this one."""
        return [layer for _, layer in self.held_layers()]

    def own_weights(self) -> list[AddedWeight]:
        """The layer's own arrays: the trained ones, then the others."""
        of_layers = {id(one.value) for _, layer in self.held_layers() for one in layer.weights}
        found = {id(one.variable.value): one for one in self._added}
        listed = self.__dict__.get("_listed_weights", [])
        attributes = [one for one in self.__dict__.values() if isinstance(one, Variable)]
        for variable in (*listed, *attributes):
            if id(variable.value) not in of_layers:
                found.setdefault(id(variable.value), AddedWeight(variable))
        return sorted(found.values(), key=lambda one: not one.variable.trainable)

    # The lists of weights

    @property
    def weights(self) -> list[Variable]:
        """The own arrays, then those of the layers that it holds."""
        own = [one.variable for one in self.own_weights()]
        variables = [
            Variable(
                one.value, one.name, f"{self._scope}{self._name}/{one.name}",
                one.trainable and self._trainable,
            )
            for one in own
        ]  # fmt: skip
        for variable, one in zip(variables, self.own_weights(), strict=True):
            given = one.constraint
            variable.constraint = one.variable.constraint if given is None else given.make()
        for _, layer in self.held_layers():
            for one in layer.weights:
                path = f"{self._scope}{self._name}/{one.path}"
                flag = one.trainable and self._trainable
                variables.append(Variable(one.value, one.name, path, flag))
                variables[-1].constraint = one.constraint
        return list({id(one.value): one for one in reversed(variables)}.values())[::-1]

    @property
    def trainable(self) -> bool:
        """Whether the arrays are trained; setting it sets that of the held layers, too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in self.inner_layers():
            layer.trainable = self._trainable
        if self._nn is not None:
            self._nn.trainable = self._trainable

    @property
    def trainable_weights(self) -> list[Variable]:
        """The arrays that training changes; Keras 1 and 2 let a layer set the list."""
        return [one for one in self.weights if one.trainable]

    @trainable_weights.setter
    def trainable_weights(self, variables: Any) -> None:
        self._list(variables, True)

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The arrays that are only kept; Keras 1 and 2 let a layer set the list."""
        return [one for one in self.weights if not one.trainable]

    @non_trainable_weights.setter
    def non_trainable_weights(self, variables: Any) -> None:
        self._list(variables, False)

    @property
    def _trainable_weights(self) -> list[Variable]:
        """A list that a layer of Keras 2 appends to."""
        return self._lists()

    @_trainable_weights.setter
    def _trainable_weights(self, variables: Any) -> None:
        self._list(variables, True)

    def _lists(self) -> list[Variable]:
        found: list[Variable] = self.__dict__.setdefault("_listed_weights", [])
        return found

    def _list(self, variables: Any, trainable: bool) -> None:
        known = {id(one.value): one for one in self._lists()}
        known |= {id(one.variable.value): one.variable for one in self._added}
        for one in variables:
            variable = known.setdefault(id(one.value), one)
            variable.trainable = trainable
            if all(variable.value is not listed.value for listed in self._lists()):
                self._lists().append(variable)

    def set_weights(self, weights: Any) -> None:
        """Replace the arrays, all or none. Raises KerasError."""
        assign_all(self._name, self.weights, weights)

    def count_params(self) -> int:
        """The number of numbers in the weights."""
        return parameter_count(self.weights)

    # What the layer of `hoiquy.nn` needs

    def named_arrays(self) -> dict[str, tuple[np.ndarray, bool]]:
        """Every array by a name that is unique in the layer, and whether it is a parameter."""
        found: dict[str, tuple[Any, bool]] = {}
        for added in self.own_weights():
            name = _unique(added.variable.name.replace("/", "_"), found)
            found[name] = (added.variable.value, added.variable.trainable)
        for _, layer in self.held_layers():
            if layer.built:
                nn_layer = layer.nn_layer
                for arrays, trained in ((nn_layer.parameters, True), (nn_layer.state, False)):
                    for key, array in arrays.items():
                        found[_unique(f"{layer.name}/{key}", found)] = (array, trained)
        return found

    def trained_now(self) -> list[str]:
        """The names of the arrays that training changes."""
        trained = {id(one.value) for one in self.trainable_weights}
        return [name for name, (array, _) in self.named_arrays().items() if id(array) in trained]

    def by_name_of_array(self, what: str) -> dict[str, Any]:
        """The `penalties` or `constraints` of the arrays, by their names in the layer."""
        argument = {"penalties": "regularizer", "constraints": "constraint"}[what]
        by_array = {
            id(one.variable.value): getattr(one, argument).make()
            for one in self.own_weights()
            if getattr(one, argument) is not None
        }
        for layer in self.inner_layers():
            if layer.built:
                nn_layer = layer.nn_layer
                for key, each in getattr(nn_layer, what).items():
                    by_array[id(nn_layer.parameters[key])] = each
        return {
            name: by_array[id(array)]
            for name, (array, _) in self.named_arrays().items()
            if id(array) in by_array
        }


def layers_in(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Layers in an attribute, also in lists and dictionaries."""
    if hasattr(type(value), "build_for"):
        yield place, value
    elif isinstance(value, list | tuple):
        counts: dict[str, int] = {}
        for part in value:
            name = _snake(part)
            number = counts.get(name, 0)
            counts[name] = number + 1
            yield from layers_in(f"{place}/{name}_{number}" if number else f"{place}/{name}", part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from layers_in(f"{place}/{key}", part)


def _snake(value: Any) -> str:
    return snake_case(type(value).__name__)


def _unique(name: str, known: Any) -> str:
    found, number = name, 1
    while found in known:
        found, number = f"{name}_{number}", number + 1
    return found
