"""`GradientTape`: records what a script computes within its block, and differentiates it."""

from collections.abc import Mapping
from contextlib import ExitStack
from itertools import count
from typing import Any

import numpy as np
from autograd.core import VJPNode, add_outgrads
from autograd.tracer import getval, isbox, new_box, trace_stack
from autograd.util import toposort

from hoiquy.keras.errors import KerasError
from hoiquy.keras.structures import flatten, map_leaves
from hoiquy.keras.tensors import AnyArray, eager_tensor
from hoiquy.keras.values.conversion import as_data
from hoiquy.keras.values.scope import CallScope, call_scope
from hoiquy.keras.values.value import FIRST_TAPE, Value, open_tapes

_numbers = count(FIRST_TAPE)


class GradientTape:
    """A block whose computations are recorded: `with GradientTape() as tape: …`.

    Layers and models that are called in it, and all functions of `keras.ops`, can be
    differentiated by the variables, and by tensors that `watch` was given.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        """Prepare a tape.

        Args:
            persistent: Whether `gradient` may be called several times.
            watch_accessed_variables: Whether variables are watched without `watch`.
        """
        self._persistent, self._used = persistent, False
        self._watched = _Watched(watch_accessed_variables)
        self._block = ExitStack()

    def __enter__(self) -> "GradientTape":
        before, number = trace_stack.top, next(_numbers)
        trace_stack.top = self._watched.number = number  # traces within the block are above it
        open_tapes.add(number)

        def close() -> None:
            trace_stack.top = before
            open_tapes.discard(number)

        self._block.callback(close)
        self._block.enter_context(call_scope(CallScope(variables=self._watched)))
        return self

    def __exit__(self, *error: Any) -> None:
        self._block.close()

    def watch(self, tensor: Any) -> None:
        """Also record what is computed from a tensor, or from several in a list."""
        for one in flatten(tensor):
            if isinstance(one, Value):
                one.data = self._watched.box(one, one.array)
            else:
                self._watched.box(one, getattr(one, "value", one))

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None,
        unconnected_gradients: Any = "none",
    ) -> Any:  # fmt: skip
        """The derivatives of a tensor, or of the sum of several, in the structure of `sources`.

        Args:
            target: Tensors that were computed in the block.
            sources: Variables, or tensors that were watched.
            output_gradients: What the derivatives of each target are multiplied by; by default 1.
            unconnected_gradients: What a source gets on which the target does not depend: "none"
                for None, "zero" for zeros.

        Raises KerasError for a second call without `persistent`.
        """
        if self._used and not self._persistent:
            raise KerasError(
                "a GradientTape gives gradients once: use GradientTape(persistent=True)"
            )
        self._used = True
        targets = flatten(target)
        given = [None] * len(targets) if output_gradients is None else flatten(output_gradients)
        found = _gradients([getattr(one, "data", one) for one in targets], given)
        zero = str(getattr(unconnected_gradients, "value", unconnected_gradients)).lower() == "zero"

        def of_source(source: Any) -> Any:
            node = self._watched.node_of(source)
            array = np.asarray(getattr(source, "value", getattr(source, "array", source)))
            if node is None or node not in found:
                return eager_tensor(np.zeros_like(array), None) if zero else None
            return eager_tensor(np.asarray(found[node], array.dtype), None)

        return map_leaves(of_source, sources)


class _Watched(Mapping[int, Any]):
    """By the id of an array, what stands for it on the tape; made when it is first used."""

    def __init__(self, all_variables: bool) -> None:
        self._all = all_variables
        self._boxes: dict[int, tuple[Any, Any]] = {}  # with the object, which keeps its id
        self.number = 0

    def box(self, owner: Any, array: AnyArray) -> Any:
        """Begin to record what is computed from an array."""
        made = new_box(np.asarray(array), self.number, VJPNode.new_root())
        key = owner.value if hasattr(owner, "assign") else owner
        self._boxes[id(key)] = (key, made)
        return made

    def node_of(self, source: Any) -> Any:
        """Where derivatives of a source are collected; None if it was not used."""
        key = source.value if hasattr(source, "assign") else source
        kept = self._boxes.get(id(key))
        return None if kept is None else kept[1]._node

    def get(self, key: int, default: Any = None) -> Any:
        """What stands for an array, `default`."""
        if key in self._boxes:
            return self._boxes[key][1]
        is_float = isinstance(default, np.ndarray) and default.dtype.kind == "f"
        if not (self._all and is_float):
            return default
        self._boxes[key] = (default, new_box(default, self.number, VJPNode.new_root()))
        return self._boxes[key][1]

    def __getitem__(self, key: int) -> Any:
        return self._boxes[key][1]

    def __iter__(self) -> Any:
        return iter(self._boxes)

    def __len__(self) -> int:
        return len(self._boxes)


def _gradients(targets: list[Any], given: list[Any]) -> dict[Any, Any]:
    """The derivatives of the sum of the targets, by the nodes of what was watched."""
    found: dict[Any, Any] = {}
    for target, factor in zip(targets, given, strict=True):
        if not isbox(target):
            continue
        value = getval(target)
        start = np.ones_like(value) if factor is None else np.asarray(getval(as_data(factor)))
        pending = {target._node: (np.asarray(start, value.dtype), False)}
        for node in toposort(target._node):
            gradient = pending.pop(node)
            if not node.parents:
                known = found.get(node)
                found[node] = gradient[0] if known is None else known + gradient[0]
                continue
            for parent, part in zip(node.parents, node.vjp(gradient[0]), strict=True):
                pending[parent] = add_outgrads(pending.get(parent), part)
    return found
