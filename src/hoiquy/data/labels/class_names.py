"""The names behind the numbers of a Hugging Face `ClassLabel`, in data sets and Parquet files."""

import json
from collections.abc import Mapping
from typing import Any

_METADATA = b"huggingface"  # of an Arrow schema


def names_of_features(features: Any) -> dict[str, list[str]]:
    """The names of the classes by column, of the `features` of a Hugging Face data set."""
    found = {}
    for column, feature in features.items() if isinstance(features, Mapping) else ():
        inner = getattr(feature, "feature", feature)  # of a list of labels
        names = getattr(inner, "names", None)
        if names:
            found[column] = list(names)
    return found


def names_of_schema(schema: Any) -> dict[str, list[str]]:
    """As `names_of_features`, from what `datasets` writes into the schema of Parquet and Arrow."""
    try:
        features = json.loads((schema.metadata or {})[_METADATA])["info"]["features"]
        found = {column: _names_in(feature) for column, feature in features.items()}
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return {}  # written by something else
    return {column: names for column, names in found.items() if names}


def named(values: Mapping[str, Any], names: Mapping[str, list[str]]) -> Mapping[str, Any]:
    """A row with names in place of numbers. Raises ValueError for a number without a name."""
    if not names:
        return values
    there = {column: of for column, of in names.items() if column in values}
    return {**values, **{column: class_name(values[column], of) for column, of in there.items()}}


def class_name(value: Any, names: list[str]) -> Any:
    """The name of a class, or those of a list of them; -1 and None are no label.

    Raises ValueError for a number without a name.
    """
    if isinstance(value, list | tuple):
        return [class_name(item, names) for item in value]
    if hasattr(value, "item"):  # of NumPy or a tensor
        value = value.item()
    if not isinstance(value, int) or value == -1:
        return None if value == -1 else value
    if not 0 <= value < len(names):
        raise ValueError(f"the label {value}, of which the {len(names)} classes have no name")
    return names[value]


def _names_in(feature: Any) -> list[str]:
    """The names of a feature as JSON: a ClassLabel, or a list of them in one of three spellings."""
    if isinstance(feature, list) and len(feature) == 1:
        feature = feature[0]
    while isinstance(feature, dict) and isinstance(feature.get("feature"), dict):
        feature = feature["feature"]
    names = feature.get("names") if isinstance(feature, dict) else None
    if not isinstance(names, list) or feature.get("_type") != "ClassLabel":
        return []
    return [str(name) for name in names]
