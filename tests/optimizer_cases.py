"""Optimizers with options, by an id; settings are Keras' own."""

from typing import Any

from hoiquy.nn import optimizers
from hoiquy.nn.optimizers import OPTIMIZERS, Optimizer

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}),
    "sgd momentum": ("SGD", {"momentum": 0.9, "learning_rate": 0.1}),
    "sgd nesterov": ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop centered": ("RMSprop", {"centered": True, "rho": 0.8}),
    "rmsprop momentum": ("RMSprop", {"momentum": 0.5, "centered": True}),
    "adam": ("Adam", {}),
    "adam amsgrad": ("Adam", {"amsgrad": True, "beta_2": 0.9, "learning_rate": 0.01}),
    "adam clipnorm": ("Adam", {"clipnorm": 0.5}),
    "adam clipvalue": ("Adam", {"clipvalue": 0.3}),
    "adam global clipnorm": ("Adam", {"global_clipnorm": 0.7}),
    "sgd clipnorm": ("SGD", {"clipnorm": 1.0}),
    "sgd clipvalue": ("SGD", {"clipvalue": 0.3}),
    "sgd global clipnorm": ("SGD", {"global_clipnorm": 1.0}),
    "adamw": ("AdamW", {}),
    "adamw options": ("AdamW", {"weight_decay": 0.1, "amsgrad": True, "clipnorm": 1.0}),
    "nadam": ("Nadam", {}),
    "nadam options": ("Nadam", {"beta_1": 0.8, "beta_2": 0.95, "weight_decay": 0.05}),
    "adamax": ("Adamax", {}),
    "adamax options": ("Adamax", {"beta_1": 0.7, "learning_rate": 0.02}),
    "adagrad": ("Adagrad", {}),
    "adagrad options": ("Adagrad", {"initial_accumulator_value": 0.0, "learning_rate": 0.1}),
    "adadelta": ("Adadelta", {}),
    "adadelta options": ("Adadelta", {"rho": 0.8, "learning_rate": 1.0}),
    "ftrl": ("Ftrl", {}),
    "ftrl options": (
        "Ftrl",
        {
            "learning_rate": 0.1, "l1_regularization_strength": 0.01,
            "l2_regularization_strength": 0.02, "beta": 0.1,
            "l2_shrinkage_regularization_strength": 0.03,
        },
    ),
    "lion": ("Lion", {}),
    "lion options": ("Lion", {"beta_1": 0.5, "weight_decay": 0.1, "learning_rate": 0.01}),
    "average": ("SGD", {"use_ema": True, "ema_momentum": 0.8, "learning_rate": 0.1}),
    "overwriting average": (
        "Adam", {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3},
    ),
}  # fmt: skip

SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "exponential": (
        "ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5},
    ),
    "stairs": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True},
    ),
    "inverse": (
        "InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5},
    ),
    "inverse stairs": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True},
    ),
    "piecewise": ("PiecewiseConstantDecay", {"boundaries": (3, 8), "values": (0.3, 0.2, 0.1)}),
    "polynomial": (
        "PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "power": 2.0},
    ),
    "polynomial cycle": (
        "PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "cycle": True},
    ),
    "cosine": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 12, "alpha": 0.1}),
    "cosine warmup": (
        "CosineDecay",
        {
            "initial_learning_rate": 0.01, "decay_steps": 12, "warmup_target": 0.2,
            "warmup_steps": 5,
        },
    ),
    "restarts": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "m_mul": 0.9, "alpha": 0.01},
    ),
    "even restarts": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.8},
    ),
}  # fmt: skip


def optimizer_of(case: str) -> Optimizer:
    name, settings = CASES[case]
    return OPTIMIZERS[name.lower()](**settings)


def schedule_of(case: str) -> Any:
    name, settings = SCHEDULES[case]
    return getattr(optimizers, name)(**settings)
