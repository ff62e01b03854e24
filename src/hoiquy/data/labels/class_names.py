"""Class names of Hugging Face `ClassLabel` numbers, in data sets and Parquet files."""

import json
from collections.abc import Mapping
from typing import Any

_METADATA = b"huggingface"  # of an Arrow schema


def class_names_of_features(features: Any) -> dict[str, list[str]]:
    """Return the class names by column, from the `features` of a Hugging Face data set."""
    class_names = {}
    for column, feature in features.items() if isinstance(features, Mapping) else ():
        inner = getattr(feature, "feature", feature)  # a list of labels
        names = getattr(inner, "names", None)
        if names:
            class_names[column] = list(names)
    return class_names


def class_names_of_schema(schema: Any) -> dict[str, list[str]]:
    """As `class_names_of_features`, from the metadata of an Arrow schema."""
    try:
        features = json.loads((schema.metadata or {})[_METADATA])["info"]["features"]
        class_names = {column: _names_in(feature) for column, feature in features.items()}
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return {}  # not written by Hugging Face `datasets`
    return {column: names for column, names in class_names.items() if names}


def with_class_names(
    values: Mapping[str, Any], class_names: Mapping[str, list[str]]
) -> Mapping[str, Any]:
    """Replace class numbers in a row by names. Raises ValueError for a number without a name."""
    if not class_names:
        return values
    columns = {column: names for column, names in class_names.items() if column in values}
    named = {column: class_name(values[column], names) for column, names in columns.items()}
    return {**values, **named}


def class_name(value: Any, names: list[str]) -> Any:
    """Return the name of a class number, or of each in a list; None for -1 and None.

    Raises ValueError for a number without a name.
    """
    if isinstance(value, list | tuple):
        return [class_name(item, names) for item in value]
    if hasattr(value, "item"):  # NumPy or a tensor
        value = value.item()
    if not isinstance(value, int) or value == -1:
        return None if value == -1 else value
    if not 0 <= value < len(names):
        raise ValueError(
            f"the label {value} has no name: the {len(names)} classes are 0 to {len(names) - 1}"
        )
    return names[value]


def _names_in(feature: Any) -> list[str]:
    """The names of a JSON feature: a ClassLabel, or a list of one in any of three spellings."""
    if isinstance(feature, list) and len(feature) == 1:
        feature = feature[0]
    while isinstance(feature, dict) and isinstance(feature.get("feature"), dict):
        feature = feature["feature"]
    names = feature.get("names") if isinstance(feature, dict) else None
    if not isinstance(names, list) or feature.get("_type") != "ClassLabel":
        return []
    return [str(name) for name in names]
