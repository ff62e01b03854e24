"""`[training]` of a recipe: the loss, the optimiser, the learning rate and when to stop."""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_LONGEST_VALUE = 60  # characters of a wrong value that are repeated back


class Table(BaseModel):
    """What all tables of a recipe have in common: nothing unknown, nothing converted, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ConstantSchedule(Table):
    type: Literal["constant"] = "constant"


class ExponentialSchedule(Table):
    """The learning rate times `decay_rate` for every epoch, step by step."""

    type: Literal["exponential"]
    decay_rate: Annotated[float, Field(gt=0, le=1)]


class CosineSchedule(Table):
    """Up from 0 in `warmup_epochs`, then down half a cosine to `final_fraction` at the end."""

    type: Literal["cosine"]
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.0
    final_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0


class PlateauSchedule(Table):
    """Times `factor` whenever the validation loss has not fallen for `patience` epochs."""

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
    """`[training.early_stopping]`: which epoch counts as the best, and what follows from that."""

    monitor: Literal["val_loss", "val_accuracy"] = "val_loss"
    min_delta: Annotated[float, Field(ge=0)] = 0.0
    patience: Annotated[int, Field(ge=0)] | None = None  # epochs without improvement; None: never
    restore_best: bool = False  # end with the weights of the best epoch, not of the last one


def _checked_class_weight(value: Any) -> Any:
    """Say in one line what is wrong; pydantic would list what each kind of value wants."""
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


class TrainingTable(Table):
    """`[training]`: the loss, the optimiser and the epochs."""

    loss: Literal["binary_crossentropy", "categorical_crossentropy"] = "binary_crossentropy"
    optimizer: Literal["adam"] = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 1e-3
    batch_size: Annotated[int, Field(ge=1)] = 128
    epochs: Annotated[int, Field(ge=1)] = 10
    min_steps: Annotated[int, Field(ge=0)] = 0  # batches in all: more epochs for few documents
    max_steps: Annotated[int, Field(ge=1)] | None = None  # batches in all; the last epoch is cut
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    clip_norm: Annotated[float, Field(gt=0)] | None = None  # most the norm of all gradients may be
    class_weight: ClassWeight = "none"  # see `class_weights.py`
    adversarial_epsilon: Annotated[float, Field(ge=0, le=1)] = 0.0  # see `adversarial.py`
    schedule: Schedule = ConstantSchedule()
    early_stopping: EarlyStopping = EarlyStopping()
