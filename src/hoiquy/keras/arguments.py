"""Arguments of layers in all spellings of Keras 1, 2 and 3, from a table for each layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from hoiquy.keras import usage
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.kinds import ANY, Kind

REQUIRED: Any = object()


@dataclass(frozen=True)
class Argument:
    """One argument of a layer.

    name: in Keras 3.
    default: `REQUIRED` if it has none.
    kind: how values are checked, handed to `hoiquy.nn` and written to a configuration.
    old: its names in Keras 1 and 2.
    field: the field of the nn layer; None for the same name, "" if there is no field.
    saved: whether `get_config` lists it.
    """

    name: str
    default: Any = REQUIRED
    kind: Kind = ANY
    old: tuple[str, ...] = ()
    field: str | None = None
    saved: bool = True

    @property
    def nn_field(self) -> str:
        """The field of the nn layer, "" if there is none."""
        return self.name if self.field is None else self.field


def bind(
    owner: str,
    positional: Sequence[Argument],
    keywords: Sequence[Argument],
    ignored: Mapping[str, str],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> dict[str, Any]:
    """The value of every argument, checked, by its name in Keras 3.

    Args:
        owner: The class, such as "LSTM", for errors.
        positional: Arguments that may also be given by position, in Keras 3's order.
        keywords: Further arguments.
        ignored: Arguments that cannot change a result, with the reason; they are recorded.
        args: The values given by position.
        kwargs: The values given by name, in any spelling.

    Raises:
        KerasTypeError: An argument is unknown, missing, given twice, or of a wrong type.
        KerasError: A value is out of range.
    """
    given = _given(owner, positional, args)
    known = {
        spelling: argument.name
        for argument in (*positional, *keywords)
        for spelling in (argument.name, *argument.old)
    }
    for spelling, value in kwargs.items():
        if spelling in ignored:
            if value not in (None, False, "auto"):
                usage.record_ignored(owner, spelling, ignored[spelling])
            continue
        if spelling not in known:
            raise unknown_argument(owner, spelling, [*known, *ignored])
        name = known[spelling]
        if name in given:
            raise KerasTypeError(f"{owner}: argument {name!r} is given twice")
        given[name] = value
    values = {}
    for argument in (*positional, *keywords):
        if argument.name in given:
            value = argument.kind.read(given[argument.name], f"{owner}: {argument.name}")
        elif argument.default is REQUIRED:
            raise KerasTypeError(f"{owner}: argument {argument.name!r} is missing")
        else:
            value = argument.kind.read(argument.default, f"{owner}: {argument.name}")
        values[argument.name] = value
    return values


def _given(owner: str, positional: Sequence[Argument], args: Sequence[Any]) -> dict[str, Any]:
    if len(args) > len(positional):
        raise KerasTypeError(
            f"{owner} takes at most {len(positional)} arguments without a name, got {len(args)}"
        )
    return {argument.name: value for argument, value in zip(positional, args, strict=False)}


def unknown_argument(owner: str, name: str, known: Sequence[str]) -> KerasTypeError:
    """The error for an argument that does not exist; it names the nearest that does."""
    nearest = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return KerasTypeError(f"{owner} has no argument {name!r}{hint}")


def one_of(owner: str, name: str, value: Any, allowed: Sequence[Any]) -> Any:
    """The value, if it is among those allowed. Raises KerasError."""
    if value not in allowed:
        known = ", ".join(repr(choice) for choice in allowed)
        raise KerasError(f"{owner}: {name}={value!r}, expected one of {known}")
    return value
