"""`[training]` of a recipe: the loss, the optimizer, the learning rate and early stopping."""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_LONGEST_VALUE = 60  # characters of an invalid value in an error


class Table(BaseModel):
    """Base of all tables: unknown keys are errors, values are not converted; frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ConstantSchedule(Table):
    type: Literal["constant"] = "constant"


class ExponentialSchedule(Table):
    """Multiplies the learning rate by `decay_rate` each epoch, smoothly by steps."""

    type: Literal["exponential"]
    decay_rate: Annotated[float, Field(gt=0, le=1)]


class CosineSchedule(Table):
    """Linear warm-up from 0, then a half cosine down to `final_fraction` at the end."""

    type: Literal["cosine"]
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.0
    final_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0


class PlateauSchedule(Table):
    """Multiplies by `factor` after `patience` epochs without a lower validation loss."""

    type: Literal["plateau"]
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    patience: Annotated[int, Field(ge=0)] = 10  # 0 means 1, as in Keras
    min_delta: Annotated[float, Field(ge=0)] = 1e-4
    min_learning_rate: Annotated[float, Field(ge=0)] = 0.0


Schedule = Annotated[
    ConstantSchedule | ExponentialSchedule | CosineSchedule | PlateauSchedule,
    Field(discriminator="type"),
]


class EarlyStopping(Table):
    """`[training.early_stopping]`: how the best epoch is chosen, and when to stop."""

    monitor: Literal["val_loss", "val_accuracy"] = "val_loss"
    min_delta: Annotated[float, Field(ge=0)] = 0.0
    patience: Annotated[int, Field(ge=0)] | None = None  # epochs without improvement; None: never
    restore_best: bool = False  # keep the weights of the best epoch, not of the last


def _checked_class_weight(value: Any) -> Any:
    """Validate with one-line errors; pydantic would list one for each member of the union."""
    if isinstance(value, dict):
        for name, weight in value.items():
            number = isinstance(weight, int | float) and not isinstance(weight, bool)
            if not number or not 0 <= weight < math.inf:
                shown = f"{weight!r}"[:_LONGEST_VALUE]
                raise ValueError(f"{shown} for the class {name!r}: expected a number, 0 or more")
    elif value not in ("none", "balanced"):
        raise ValueError(
            f"{f'{value!r}'[:_LONGEST_VALUE]}: expected 'none', 'balanced' or a table with a "
            f"number for each class"
        )
    return value


ClassWeight = Annotated[
    Literal["none", "balanced"] | dict[str, float], BeforeValidator(_checked_class_weight)
]


def _checked_optimizer(value: Any) -> Any:
    """Validate a name, or a table with `type` and the optimizer's settings."""
    if value == "adam":
        return value
    if isinstance(value, str):
        value = {"type": value}
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        shown = f"{value!r}"[:_LONGEST_VALUE]
        raise ValueError(f"{shown}: expected a name, or a table with type and settings")
    from hoiquy.errors import InputError
    from hoiquy.nn.plain_data.optimizers import make_optimizer

    try:
        make_optimizer(value, 1e-3, "optimizer")
    except InputError as error:
        raise ValueError(str(error)) from error
    return value["type"] if len(value) == 1 else value


Optimizer = Annotated[str | dict[str, Any], BeforeValidator(_checked_optimizer)]


class TrainingTable(Table):
    """`[training]`: the loss, the optimizer and the epochs."""

    loss: Literal["binary_crossentropy", "categorical_crossentropy"] = "binary_crossentropy"
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0  # of the targets in the loss
    optimizer: Optimizer = "adam"  # of `hoiquy.nn`, by Keras' name and settings
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 1e-3
    batch_size: Annotated[int, Field(ge=1)] = 128
    epochs: Annotated[int, Field(ge=1)] = 10
    min_steps: Annotated[int, Field(ge=0)] = 0  # batches in total, at least
    max_steps: Annotated[int, Field(ge=1)] | None = None  # batches in total, at most
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    clip_norm: Annotated[float, Field(gt=0)] | None = None  # maximum global norm of the gradients
    class_weight: ClassWeight = "none"  # see `class_weights.py`
    adversarial_epsilon: Annotated[float, Field(ge=0, le=1)] = 0.0  # see `adversarial.py`
    schedule: Schedule = ConstantSchedule()
    early_stopping: EarlyStopping = EarlyStopping()

    @property
    def optimizer_table(self) -> dict[str, Any]:
        """The optimizer as a table."""
        chosen = self.optimizer
        return {"type": chosen} if isinstance(chosen, str) else chosen

    @model_validator(mode="after")
    def _one_way_to_clip(self) -> "TrainingTable":
        ways = ("clipnorm", "clipvalue", "global_clipnorm")
        clips = [way for way in ways if way in self.optimizer_table]
        if clips and self.clip_norm is not None:
            raise ValueError(f"clip_norm and optimizer.{clips[0]}: expected one way to clip")
        return self
