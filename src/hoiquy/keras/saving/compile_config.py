"""What `compile` was given, as Keras writes it into files."""

from collections.abc import Callable, Mapping
from typing import Any

from hoiquy.keras import losses, metrics, optimizers
from hoiquy.keras.configured import serialized
from hoiquy.keras.custom_objects import custom_object
from hoiquy.keras.errors import KerasError, NotSupportedError


def compile_config(model: Any) -> dict[str, Any] | None:
    """The arguments of `compile`, as Keras 3 writes them; None if it was not called."""
    compiled = model.compiled_settings
    if compiled is None:
        return None
    return {
        "optimizer": serialized(compiled.optimizer),
        "loss": _mapped(_of(losses.get), compiled.loss),
        "loss_weights": compiled.loss_weights,
        "metrics": _mapped(_of(metrics.get), compiled.metrics),
        "weighted_metrics": _mapped(_of(metrics.get), compiled.weighted_metrics),
        "run_eagerly": False,
        "steps_per_execution": 1,
        "jit_compile": "auto",
    }


def _of(get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What gives the configuration of a loss or a metric, also of a function of the script."""
    return lambda given: serialized(given if hasattr(given, "serialized") else get(given))


def legacy_training_config(model: Any) -> dict[str, Any] | None:
    """The arguments of `compile`, as Keras writes them into HDF5 files."""
    config = compile_config(model)
    if config is None:
        return None
    plain = {name: _without_modules(value) for name, value in config.items()}
    optimizer = plain.pop("optimizer")
    return {**plain, "optimizer_config": optimizer}


def compile_from_config(model: Any, config: Any, source: str) -> None:
    """Compile a model as a file says, of Keras 2 or 3.

    Raises:
        KerasError: It is malformed, or a name is unknown.
        NotSupportedError: It holds functions or classes of a script.
    """
    if not isinstance(config, Mapping):
        raise KerasError(f"{source} is damaged: its compile configuration is not an object")
    try:
        model.compile(
            optimizer=optimizers.deserialize(
                config.get("optimizer_config", config.get("optimizer"))
            ),
            loss=_mapped(losses.deserialize, config.get("loss"), custom_object),
            loss_weights=config.get("loss_weights"),
            metrics=_mapped(metrics.deserialize, config.get("metrics"), custom_object),
            weighted_metrics=_mapped(
                metrics.deserialize, config.get("weighted_metrics"), custom_object
            ),
        )
    except (KerasError, NotSupportedError, TypeError) as error:
        raise KerasError(
            f"{source} cannot be compiled as it was saved: {error}; load it with compile=False and "
            "call compile"
        ) from error


def _mapped(
    function: Callable[[Any], Any], value: Any, named: Callable[[str], Any] = lambda name: None
) -> Any:
    """The structure of a value with function(entry) for each entry; names and None stay.

    named: the object of the script that has a name, or None.
    """
    if value is None or isinstance(value, str):
        found = None if value is None else named(value)
        return value if found is None else found
    if isinstance(value, list | tuple):
        return [_mapped(function, one, named) for one in value]
    if isinstance(value, Mapping) and not ("class_name" in value and "config" in value):
        return {str(key): _mapped(function, one, named) for key, one in value.items()}
    return function(value)


def _without_modules(value: Any) -> Any:
    """Configurations as Keras 2 writes them: class and config only, functions by name."""
    if isinstance(value, list):
        return [_without_modules(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("class_name") == "function":
        return value["config"]
    kept = {k: v for k, v in value.items() if k not in ("module", "registered_name")}
    return {key: _without_modules(one) for key, one in kept.items()}
