"""Keras' models; each module is imported when it is first used."""

from hoiquy.keras.lazy import lazy_attributes

_PLACES = {
    "Functional": f"{__name__}.model",
    "Model": f"{__name__}.model",
    "Sequential": f"{__name__}.sequential",
    "clone_model": f"{__name__}.cloning",
    "load_model": "hoiquy.keras.saving",
    "model_from_json": f"{__name__}.cloning",
    "save_model": "hoiquy.keras.saving",
}

__all__ = ["Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_json",
           "save_model"]  # fmt: skip

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
