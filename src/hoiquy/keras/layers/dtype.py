"""The dtype of layers, which is always float32."""

from typing import Any

from hoiquy.keras.errors import NotSupportedError


def dtype_policy() -> dict[str, Any]:
    """The configuration of the dtype, which is always float32."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "float32"},
        "registered_name": None,
    }


def check_dtype(owner: str, dtype: Any) -> None:
    """Raise NotSupportedError for another dtype, given by name, object or configuration."""
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name")
    name = getattr(dtype, "name", dtype)
    if name not in (None, "float32"):
        raise NotSupportedError(f"{owner}: dtype={name!r} is not supported, only float32")
