"""Old names of metrics in logs: Keras 2.3 renamed "acc" to "accuracy", Keras 3 "lr"."""

from collections.abc import Iterable, Mapping
from typing import Any

from hoiquy.keras.messages import print_note

_PAIRS = (("acc", "accuracy"), ("lr", "learning_rate"))
_noted: set[tuple[str, str]] = set()


def present_name(name: str, present: Iterable[str]) -> str:
    """Return `name`, or its other spelling if only that one is present; prints this once."""
    names = set(present)
    if name in names:
        return name
    for other in _other_spellings(name):
        if other in names:
            if (name, other) not in _noted:
                _noted.add((name, other))
                print_note(f"{name!r} is read as {other!r}, the name in this model's logs")
            return other
    return name


def _other_spellings(name: str) -> Iterable[str]:
    """ "val_acc" → "val_accuracy", "output_acc" → "output_accuracy", and the other way round."""
    for one, other in (*_PAIRS, *(pair[::-1] for pair in _PAIRS)):
        if name == one or name.endswith("_" + one):
            yield name.removesuffix(one) + other


class AliasedLogs(dict[str, Any]):
    """Logs that also have their values under the old names; they are not listed."""

    def __missing__(self, name: str) -> Any:
        present = present_name(name, self)
        if present == name:
            raise KeyError(name)
        return self[present]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name or of its other spelling."""
        return super().get(present_name(name, self), default)


def logged(logs: Mapping[str, Any], name: str) -> Any:
    """The value of a name, or of its other spelling; None if both are missing."""
    return logs.get(present_name(name, logs))
