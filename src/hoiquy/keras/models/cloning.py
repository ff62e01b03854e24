"""Models from other models and from JSON."""

import json
from typing import Any

from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.models.configuration import layer_from_config, serialized_layer
from hoiquy.keras.models.model import Model


def clone_model(model: Any, input_tensors: Any = None, clone_function: Any = None) -> Any:
    """A model with the same layers and new weights. Raises NotSupportedError."""
    if not isinstance(model, Model):
        raise KerasError(f"clone_model got {type(model).__name__}, expected a model")
    if clone_function is not None:
        raise NotSupportedError("clone_model: clone_function=… is not supported")
    if input_tensors is not None:
        raise NotSupportedError("clone_model: input_tensors=… is not supported")
    return layer_from_config(serialized_layer(model))


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """A model from what `to_json` returned, without weights. Raises KerasError."""
    try:
        entry = json.loads(json_string)
    except (TypeError, ValueError):
        raise KerasError("model_from_json got no JSON: give what model.to_json() returns") from None
    if not isinstance(entry, dict) or "class_name" not in entry:
        raise KerasError("model_from_json got no model: give what model.to_json() returns")
    return layer_from_config(late("saving.masks").without_mask_operations(entry))
