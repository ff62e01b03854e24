"""`[model]` of a recipe: the input, the layers and the linear branch."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, model_validator

from hoiquy.recipe.layer_tables import (
    INPUT,
    SHARED,
    DenseLayer,
    KnownLayer,
    LayerRecipe,
    SharedLayer,
)
from hoiquy.recipe.training import Table
from hoiquy.recipe.validation_errors import nearest

# The `training.loss` for each activation of the last layer.
LOSSES = {"softmax": "categorical_crossentropy", "sigmoid": "binary_crossentropy"}
# Settings of the layers of a chain without which padding must not be skipped.
_NOT_IN_CHAINS = {"return_state", "zero_output_for_mask", "noise_shape"}


class Source(NamedTuple):
    """What a layer takes: an output of the layer at a position, or with -1 the model's input."""

    position: int
    output: int = 0


class ModelTable(Table):
    """`[model]`: the input and the layers from first to last."""

    input: Literal["indices", "values"] = "indices"
    layers: Annotated[list[LayerRecipe], Field(min_length=1)]
    wide: bool = False  # adds a linear branch: one weight a word and n-gram

    @property
    def output(self) -> Literal["sigmoid", "softmax"]:
        """The activation of the last layer."""
        last = self.layers[-1]
        assert isinstance(last, DenseLayer)
        return "softmax" if last.activation == "softmax" else "sigmoid"

    @property
    def is_chain(self) -> bool:
        """Whether the layers are those of the built-in recipes, one after another."""
        return all(
            isinstance(layer, KnownLayer)
            and layer.inputs is None
            and not _NOT_IN_CHAINS & layer.settings.keys()
            for layer in self.layers
        )

    def names(self) -> list[str]:
        """The name of each layer, by default Keras': the type, numbered from the second on."""
        seen: Counter[str] = Counter()
        names = []
        for layer in self.layers:
            if layer.name is not None:
                names.append(layer.name)
                continue
            kind = "bidirectional" if getattr(layer, "bidirectional", False) else layer.type
            names.append(f"{kind}_{seen[kind]}" if seen[kind] else kind)
            seen[kind] += 1
        return names

    def sources(self) -> list[list[Source]]:
        """What each layer takes. Raises ValueError for unknown names and for repeated ones."""
        names = self.names()
        found: list[list[Source]] = []
        known = {INPUT: -1}
        for position, (name, layer) in enumerate(zip(names, self.layers, strict=True)):
            if name in known:
                raise ValueError(f"layers.{position}: two layers have the name {name!r}")
            if layer.inputs is None:
                found.append([Source(position - 1)])
            else:
                found.append([_source(one, known, position) for one in layer.inputs])
            known[name] = position
        return found

    def shared_with(self, layer: SharedLayer) -> int:
        """The position of the layer that a shared one calls."""
        return self.names().index(layer.layer)

    @model_validator(mode="after")
    def _layers_fit_together(self) -> "ModelTable":
        if self.is_chain:
            _check_order(self.input, self.layers)
        else:
            self._check_graph()
        _check_last(self.layers[-1])
        if self.wide and self.input != "indices":
            raise ValueError("wide: needs an embedding as the first layer")
        return self

    def _check_graph(self) -> None:
        """Raise ValueError unless each layer takes earlier ones, and each is taken."""
        sources, names = self.sources(), self.names()
        taken = {source.position for of_layer in sources for source in of_layer}
        last = len(self.layers) - 1
        for position, layer in enumerate(self.layers):
            if position != last and position not in taken:
                raise ValueError(
                    f"layers.{position} ({names[position]}): no layer takes its output: name it "
                    f"in the inputs of another, or remove it"
                )
            if isinstance(layer, SharedLayer):
                earlier = [
                    name
                    for name, other in zip(names[:position], self.layers, strict=False)
                    if other.type != SHARED
                ]
                if layer.layer not in earlier:
                    raise ValueError(
                        f"layers.{position}.layer = {layer.layer!r}"
                        f"{nearest(layer.layer, earlier)}: expected the name of an earlier layer"
                    )
        if self.wide:
            raise ValueError(
                "wide: needs a chain of embedding, dropout, recurrent, pooling and dense layers"
            )


def _source(written: str, known: dict[str, int], position: int) -> Source:
    name, _, output = written.partition(":")
    if name not in known or (output and not output.isdecimal()):
        raise ValueError(
            f"layers.{position}.inputs: {written!r}{nearest(name, known)}: expected one of "
            f"{', '.join(known)}: the layers before it"
        )
    return Source(known[name], int(output or 0))


def _check_order(model_input: str, layers: Sequence[Any]) -> None:
    """Raise ValueError unless each layer's input (indices, sequence, vector) fits."""
    shape = "indices" if model_input == "indices" else "sequence"
    for position, layer in enumerate(layers):
        expected, output_shape = _input_and_output(layer, shape)
        if shape != expected:
            raise ValueError(
                f"layers.{position} ({layer.type}) expects {_SHAPES[expected]} but gets "
                f"{_SHAPES[shape]}: {_ADVICE[shape, expected]}"
            )
        is_output = layer.type == "dense" and layer.activation in LOSSES
        if is_output and layer is not layers[-1]:
            raise ValueError(
                f"layers.{position} (dense): only the last layer may be a {layer.activation}"
            )
        shape = output_shape


def _check_last(last: Any) -> None:
    """Raise ValueError unless the last layer gives the classes' scores."""
    if last.type != "dense" or last.units != "classes" or last.activation not in LOSSES:
        raise ValueError(
            'the last layer must be dense with units = "classes" and activation = "softmax" or '
            'activation = "sigmoid"'
        )


_SHAPES = {"indices": "indices", "sequence": "a sequence", "vector": "a vector"}

_ADVICE = {
    ("indices", "sequence"): "put an embedding first, or set model.input = 'values'",
    ("indices", "vector"): "put an embedding and a recurrent layer before it",
    ("sequence", "vector"): "put return_sequences = false before it, or a pooling layer",
    ("sequence", "indices"): "an embedding must be the first layer, with model.input = 'indices'",
    ("vector", "sequence"): "set return_sequences = true on the recurrent layer before it",
    ("vector", "indices"): "an embedding must be the first layer",
}


def _input_and_output(layer: Any, shape: str) -> tuple[str, str]:
    if layer.type == "embedding":
        return "indices", "sequence"
    if layer.type == "dropout":
        shape = "sequence" if shape == "indices" else shape
        return shape, shape
    if layer.type == "dense":
        return "vector", "vector"
    if layer.type == "pooling":
        return "sequence", "vector"
    return "sequence", "sequence" if layer.return_sequences else "vector"
