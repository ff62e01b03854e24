"""Models from other models and from JSON."""

import json
from typing import Any

from hoiquy.keras.custom_objects import custom_object_scope
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
    own = {type(one).__name__: type(one) for one in model.operations if one.runs_script_code}
    with custom_object_scope(own):
        return layer_from_config(serialized_layer(model))


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """A model from what `to_json` returned, without weights. Raises KerasError.

    json_string: the text. custom_objects: classes and functions of the script by name.
    """
    try:
        entry = json.loads(json_string)
    except (TypeError, ValueError):
        raise KerasError("model_from_json got no JSON: give what model.to_json() returns") from None
    if not isinstance(entry, dict) or "class_name" not in entry:
        raise KerasError("model_from_json got no model: give what model.to_json() returns")
    with custom_object_scope(custom_objects):
        return layer_from_config(late("saving.masks").without_mask_operations(entry))
