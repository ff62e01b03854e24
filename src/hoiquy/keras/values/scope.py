"""The call of a layer, loss or metric of the script that is being computed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from numpy.random import Generator

from hoiquy.keras.seed import next_generator


@dataclass
class CallScope:
    """What the code of a script depends on while it runs.

    training: whether the call is part of a training step.
    rng: of what is random; by default one of the next seed, made when it is needed.
    variables: by the id of a variable's array, the tensor that replaces it: autograd follows it.
    losses: what `add_loss` was given.
    penalties: of the outputs of built-in layers, whose gradients these layers add.
    """

    training: bool = False
    rng: Generator | None = None
    variables: Mapping[int, Any] = field(default_factory=dict)
    losses: list[Any] = field(default_factory=list)
    penalties: list[float] = field(default_factory=list)

    def generator(self) -> Generator:
        """The generator of what is random in this call."""
        if self.rng is None:
            self.rng = next_generator()
        return self.rng


_current: ContextVar[CallScope | None] = ContextVar("call_scope", default=None)


def current_scope() -> CallScope | None:
    """The scope of the call that is being computed; None outside of calls."""
    return _current.get()


@contextmanager
def call_scope(scope: CallScope) -> Iterator[CallScope]:
    """Compute the block as a call of the script's code."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


@contextmanager
def code_scope(training: Any) -> Iterator[CallScope]:
    """Compute the block as code that was called with `training`; None for that of the caller."""
    present = _current.get()
    if present is None:
        present = CallScope(bool(training))
    elif training is not None:
        present = replace(present, training=bool(training))
    with call_scope(present) as scope:
        yield scope


def present_generator() -> Generator:
    """The generator of the present call, or one of the next seed."""
    scope = _current.get()
    return next_generator() if scope is None else scope.generator()
