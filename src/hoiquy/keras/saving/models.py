"""Models from the configurations of untrusted files."""

from collections.abc import Mapping
from typing import Any

from hoiquy.errors import HoiquyError
from hoiquy.keras.errors import KerasError
from hoiquy.keras.initializers import zeros_within
from hoiquy.keras.saving.masks import without_mask_operations


def model_from(config: Any, source: str, weights_size: int) -> Any:
    """A model from the configuration that a file holds, of Keras 2 or 3; its weights are zeros.

    Args:
        config: An object with "class_name" and "config".
        source: The file, for errors.
        weights_size: The bytes of the weights in the file: the model may not have more.

    Raises:
        KerasError: The configuration is malformed, or describes a larger model.
        NotSupportedError: It holds a layer that is not supported.
    """
    from hoiquy.keras.models.configuration import layer_from_config
    from hoiquy.keras.models.model import Model

    if not isinstance(config, Mapping):
        raise KerasError(f"{source} is damaged: the configuration is not an object")
    if isinstance(config.get("config"), list):  # a Sequential of Keras 2.2 and before
        config = {**config, "config": {"layers": config["config"]}}
    try:
        with zeros_within(weights_size // 2):
            model = layer_from_config(without_mask_operations(config))
            if not isinstance(model, Model):
                raise KerasError(f"{source} holds a layer, not a model")
            _ = model.graph  # raises KerasError if it is not built
    except HoiquyError:
        raise
    except Exception as error:  # of any kind, for a malformed configuration
        reason = f"{type(error).__name__}: {error}"[:200]
        raise KerasError(f"{source} is damaged: its configuration is not a model ({reason})") from (
            error
        )
    return model
