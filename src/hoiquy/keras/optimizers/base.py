"""The base class of Keras' optimizers."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from hoiquy.keras.configured import Configured
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.names import automatic_name
from hoiquy.keras.optimizers.learning_rate import AssignableNumber, LearningRate
from hoiquy.keras.optimizers.schedules import LearningRateSchedule
from hoiquy.keras.values.operators import as_plain
from hoiquy.nn import optimizers as nn

_ALWAYS_COMPILED = "kernels are always compiled"
_UPDATING = (
    "apply", "apply_gradients", "build", "get_updates", "update_step", "_resource_apply_dense",
    "_resource_apply_sparse", "_create_slots",
)  # fmt: skip


class Optimizer(Configured):
    """An optimizer; `learning_rate`, also `lr`, may be read and set at any time.

    RATE: the default learning rate, which is the first argument.
    nn: the optimizer of `hoiquy.nn`, which has the state.
    """

    MODULE = "keras.optimizers"
    RATE: ClassVar[float] = 0.001
    OLDER: ClassVar[Mapping[str, str]] = {"lr": "learning_rate"}
    IGNORED: ClassVar[Mapping[str, str]] = {
        "jit_compile": _ALWAYS_COMPILED,
        "is_legacy_optimizer": "there is one implementation",
        "loss_scale": "losses in float32 need no scaling",
        "schedule_decay": "Keras 3 fixes it",
    }
    weight_decay: float | None = None
    clipnorm: float | None = None
    clipvalue: float | None = None
    global_clipnorm: float | None = None
    use_ema: bool = False
    ema_momentum: float = 0.99
    ema_overwrite_frequency: int | None = None
    loss_scale_factor: float | None = None
    gradient_accumulation_steps: int | None = None
    name: Any = None
    decay: float = 0.0
    _learning_rate: Any = None
    _nn: nn.Optimizer | None = None

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        return {"learning_rate": cls.RATE, **super()._defaults()}

    def _check(self) -> None:
        self._check_methods()
        kind = type(self).__name__
        for name in ("loss_scale_factor", "gradient_accumulation_steps"):
            if getattr(self, name):
                raise NotSupportedError(f"{kind}: {name} is not supported; leave it out")
        if getattr(self, "epsilon", 0.0) is None:  # of Keras 2
            vars(self)["epsilon"] = self.ARGUMENTS["epsilon"]
        self.name = self.name or automatic_name(kind)
        self.decay = self.decay or 0.0
        self._nn = self.make()

    def _check_methods(self) -> None:
        """Raise NotSupportedError for a class of the script that computes updates itself."""
        own = [
            name
            for kind in type(self).__mro__
            if not kind.__module__.startswith("hoiquy.")
            for name in vars(kind)
            if name in _UPDATING
        ]
        if self.NN is None or own:
            how = f"with a {own[0]}() of its own " if own else ""
            raise NotSupportedError(
                f"{type(self).__name__}: an optimizer {how}of the script is not supported; derive "
                "it from one of keras.optimizers and change its arguments only"
            )

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "decay":  # of Keras 2, where scripts set it as they set the learning rate
            value = AssignableNumber(float(value), self, name)
            if self._nn is not None:
                self._nn.decay = float(value)
        super().__setattr__(name, value)

    @property
    def nn(self) -> nn.Optimizer:
        """The optimizer of `hoiquy.nn`, which has the state."""
        assert self._nn is not None
        return self._nn

    @property
    def learning_rate(self) -> LearningRate:
        """The learning rate of the next update, without Keras 2's decay."""
        rate = self._learning_rate
        return LearningRate(rate.make()(self.iterations) if callable(rate) else rate, self)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if isinstance(value, Mapping):
            from hoiquy.keras.optimizers.schedules import deserialize

            value = deserialize(value)
        if isinstance(value, LearningRateSchedule):
            self._learning_rate = value
        elif isinstance(self._learning_rate, LearningRateSchedule):
            kind = type(self).__name__
            raise KerasError(f"{kind}: the learning rate follows a schedule and cannot be set")
        else:
            self._learning_rate = self._number(value)
        if self._nn is not None:
            self._nn.learning_rate = self._nn_rate()

    lr = learning_rate

    @property
    def schedule(self) -> LearningRateSchedule | None:
        """The schedule that the learning rate follows, if any."""
        rate = self._learning_rate
        return rate if isinstance(rate, LearningRateSchedule) else None

    def apply_gradients(self, grads_and_vars: Any, **kwargs: Any) -> int:
        """Update variables by their gradients, as those of a GradientTape.

        Args:
            grads_and_vars: Pairs of a gradient and a variable; without a gradient it stays.
            **kwargs: Without effect.

        Returns:
            The number of updates so far.

        Raises:
            KerasError: There are no gradients, or one does not fit its variable.
        """
        pairs = [(g, variable) for g, variable in grads_and_vars if g is not None]
        if not pairs:
            raise KerasError(f"{type(self).__name__}: no variable has a gradient")
        parameters, gradients = {}, {}
        for gradient, variable in pairs:
            key = self._key_of(variable)
            parameters[key] = variable.value
            gradients[key] = np.asarray(as_plain(gradient), variable.value.dtype)
        with self.as_keras_errors():
            self.nn.update(parameters, gradients)
        for _, variable in pairs:
            if variable.constraint is not None:
                variable.value[...] = variable.constraint.project(variable.value)
        return self.iterations

    def apply(self, grads: Any, trainable_variables: Any) -> int:
        """As `apply_gradients`, of gradients and variables one by one."""
        return self.apply_gradients(zip(grads, trainable_variables, strict=True))

    def _key_of(self, variable: Any) -> str:
        """The name under which the state of a variable is kept: its path, if no other has it."""
        keys: dict[int, tuple[Any, str]] = self.__dict__.setdefault("_keys", {})
        if id(variable.value) not in keys:
            taken = {key for _, key in keys.values()}
            key = variable.path if variable.path not in taken else f"{variable.path}_{len(keys)}"
            keys[id(variable.value)] = (variable.value, key)
        return keys[id(variable.value)][1]

    @property
    def iterations(self) -> int:
        """The number of updates so far."""
        return 0 if self._nn is None else self._nn.step

    def get_config(self) -> dict[str, Any]:
        """The arguments, with the present learning rate or its schedule."""
        config = super().get_config()
        rate = self._learning_rate
        config["learning_rate"] = rate.serialized() if callable(rate) else float(rate)
        if not self.decay:
            del config["decay"]  # Keras 3 has no such argument
        else:
            config["decay"] = float(self.decay)
        return config

    def nn_settings(self) -> dict[str, Any]:
        settings = {**super().nn_settings(), "learning_rate": self._nn_rate()}
        return settings | {"decay": float(self.decay)}

    def _nn_rate(self) -> Any:
        rate = self._learning_rate
        return rate.make() if isinstance(rate, LearningRateSchedule) else rate

    def _number(self, value: Any) -> float:
        """A learning rate as the float32 number that Keras keeps. Raises KerasError."""
        if callable(getattr(value, "numpy", None)):
            value = value.numpy()
        if not np.isscalar(value) and np.ndim(value) == 0:
            value = np.asarray(value)[()]
        try:
            rate = float(np.float32(value))
        except (TypeError, ValueError):
            rate = float("nan")
        if not np.isfinite(rate) or rate < 0:
            raise KerasError(
                f"{type(self).__name__}: learning_rate={value!r}; expected a number, 0 or more, or "
                "a schedule of keras.optimizers.schedules"
            )
        return rate
