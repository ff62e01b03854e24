"""Arguments that the layers with a vocabulary have in common."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.kinds import Kind, choice

_OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def plain_list(value: Any) -> Any:
    """Arrays and tuples as lists, for configurations; files of a vocabulary as None."""
    if value is None or isinstance(value, str):
        return None
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    items = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(items, list | tuple):
        return [plain_item(item) for item in items]
    return items


def plain_item(item: Any) -> Any:
    """A token or a number, as JSON can hold it."""
    if isinstance(item, bytes):
        return item.decode("utf-8", "replace")
    return item.item() if isinstance(item, np.generic) else item


def output_mode(*modes: str) -> Kind:
    """One of some modes, also by the names of Keras 2."""
    kind = choice(*modes)
    return Kind(lambda value, where: kind.read(_OLD_MODES.get(value, value), where))


def check_sizes(owner: str, values: Mapping[str, Any]) -> None:
    """Raise KerasError where max_tokens leaves no token, or is missing."""
    if values["max_tokens"] is not None and values["max_tokens"] < 2:
        raise KerasError(f"{owner}: max_tokens={values['max_tokens']}, expected 2 or more")
    if values["pad_to_max_tokens"] and values["max_tokens"] is None:
        raise KerasError(f"{owner}: pad_to_max_tokens=True needs max_tokens")
    if values["idf_weights"] is not None and values["output_mode"] != "tf_idf":
        raise KerasError(f"{owner}: idf_weights needs output_mode='tf_idf'")
    if values["output_mode"] == "tf_idf" and (values["vocabulary"] is None) != (
        values["idf_weights"] is None
    ):
        raise KerasError(f"{owner}: with output_mode='tf_idf' give vocabulary and idf_weights both")


VOCABULARY = Kind(to_config=plain_list)
WEIGHTS = Kind(to_config=plain_list)
