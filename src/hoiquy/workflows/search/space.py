"""The space file of a search: parameters, sampler and pruner, validated before anything runs."""

import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from hoiquy.errors import RecipeError
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.toml import read_toml_file
from hoiquy.recipe.training import Table
from hoiquy.recipe.validation_errors import explain_validation_error

_NOT_SEARCHABLE = "data.validation_fraction"  # trials are compared by validation documents
_LARGEST = 2**53  # integer, as Optuna stores them as floats
_MOST_STEPS, _MOST_COMBINATIONS = 10**9, 100_000
Value = bool | int | float | str


def _number(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{value!r}: expected a number")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError(f"{value!r}: expected at most {_LARGEST:,}")
    return value


def _choice(value: Any) -> Any:
    if not isinstance(value, Value) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{value!r}: expected a number, a text, true or false")
    return value


def _decimals(*values: Any) -> list[Decimal]:
    """Exact decimals, so that 0.1 is a tenth."""
    return [Decimal(str(value)) for value in values]


Number = Annotated[Any, BeforeValidator(_number)]
Choice = Annotated[Any, BeforeValidator(_choice)]


class Dimension(Table):
    """The values of a key: a range or several choices; integer bounds give integers."""

    low: Number = None
    high: Number = None
    step: Number = None
    log: bool = False  # sampled uniformly over the logarithm
    choices: Annotated[list[Choice], Field(min_length=2, max_length=1000)] | None = None

    @model_validator(mode="after")
    def _range_or_choices(self) -> "Dimension":
        ends = (self.low, self.high)
        if (self.choices is None) == (ends == (None, None)):
            raise ValueError("expected either low and high, or choices")
        if self.choices is not None:
            if len(set(self.choices)) < len(self.choices):  # to Optuna, 1, 1.0 and true are one
                raise ValueError(f"choices = {self.choices}: one of them is duplicated")
            if self.log or self.step is not None:
                raise ValueError("log and step are for low and high, not for choices")
            return self
        if None in ends:
            raise ValueError("low and high belong together")
        if not self.low < self.high:
            raise ValueError(f"low = {self.low} is not below high = {self.high}")
        self._check_scale()
        return self

    def _check_scale(self) -> None:
        if self.log and self.step is not None:
            raise ValueError("either log or step, not both")
        if self.log and self.low <= 0:
            raise ValueError(f"low = {self.low}: with log expected more than 0")
        if self.step is None:
            return
        if self.step <= 0:
            raise ValueError(f"step = {self.step}: expected more than 0")
        low, high, step = _decimals(self.low, self.high, self.step)
        steps = (high - low) / step
        if steps > _MOST_STEPS or steps != int(steps):
            raise ValueError(f"step = {self.step} does not lead from {self.low} to {self.high}")

    @property
    def whole(self) -> bool:
        """Whether a range gives integers."""
        return all(one is None or isinstance(one, int) for one in (self.low, self.high, self.step))

    def ends(self) -> list[Value]:
        """The lowest and the highest value, or all choices."""
        return [self.low, self.high] if self.choices is None else list(self.choices)

    @property
    def count(self) -> int | None:
        """The number of values; None if infinite."""
        if self.choices is not None:
            return len(self.choices)
        if self.log or (self.step is None and not self.whole):
            return None
        low, high, step = _decimals(self.low, self.high, self.step or 1)
        return int((high - low) / step) + 1

    def grid(self) -> list[Value]:
        """All values, lowest first; for a finite `count`."""
        if self.choices is not None:
            return list(self.choices)
        low, step = _decimals(self.low, self.step or 1)
        kind = int if self.whole else float
        return [kind(low + step * number) for number in range(self.count or 0)]


class SamplerTable(Table):
    """`[sampler]`: how the parameters of a trial are chosen.

    tpe: tree-structured Parzen estimator (Bergstra et al. 2011, NeurIPS), after `startup_trials`
    random ones. grid: every combination once, in an order shuffled by the seed.
    """

    type: Literal["tpe", "random", "grid"] = "tpe"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    startup_trials: Annotated[int, Field(ge=1)] = 10


class PrunerTable(Table):
    """`[pruner]`: when a trial that is worse than others is stopped.

    median: if its best epoch so far is below the median of finished trials at that epoch, after
    `startup_trials`. successive_halving, hyperband: Li et al. 2018, JMLR. None prunes in the first
    `warmup_epochs`.
    """

    type: Literal["median", "successive_halving", "hyperband", "none"] = "median"
    warmup_epochs: Annotated[int, Field(ge=0)] = 1
    startup_trials: Annotated[int, Field(ge=1)] = 5


class SearchSpace(Table):
    """The tables of a space file."""

    recipe: Annotated[str, Field(min_length=1)] | None = None
    sampler: SamplerTable = SamplerTable()
    pruner: PrunerTable = PrunerTable()
    space: Annotated[dict[str, Dimension], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_together(self) -> "SearchSpace":
        if _NOT_SEARCHABLE in self.space:
            raise ValueError(
                f"{_NOT_SEARCHABLE} cannot be searched: it decides how trials are scored"
            )
        if self.sampler.type == "grid":
            endless = [key for key, dimension in self.space.items() if dimension.count is None]
            if endless:
                raise ValueError(f"a grid needs choices or a step for {endless[0]}")
            if (self.combinations or 0) > _MOST_COMBINATIONS:
                raise ValueError(
                    f"a grid of {self.combinations:,} combinations: expected at most "
                    f"{_MOST_COMBINATIONS:,}; take fewer values, or another sampler"
                )
        return self

    @property
    def combinations(self) -> int | None:
        """The number of combinations of a grid; None for other samplers."""
        if self.sampler.type != "grid":
            return None
        return math.prod(dimension.count or 0 for dimension in self.space.values())

    def check_against(self, recipe: Recipe, source: str = "the space") -> None:
        """Raise RecipeError for a key or value that the recipe refuses."""
        first = {key: dimension.ends()[0] for key, dimension in self.space.items()}
        for key, dimension in self.space.items():
            for value in dimension.ends():
                try:
                    recipe.with_settings({**first, key: value})
                except RecipeError as error:
                    reason = str(error).partition(": ")[2]
                    raise RecipeError(
                        f"{source}, with {key} = {value!r} in the recipe {recipe.name}: {reason}"
                    ) from error


def load_space(space: str | Path | Mapping[str, Any] | SearchSpace) -> tuple[SearchSpace, str]:
    """A space from its file or tables, and its name in errors. Raises RecipeError."""
    if isinstance(space, SearchSpace):
        return space, "the space"
    if isinstance(space, Mapping):
        return _validated(dict(space), "the space"), "the space"
    tables = read_toml_file(Path(space), "space")
    return _validated(tables, str(space)), str(space)


def _validated(tables: dict[str, Any], source: str) -> SearchSpace:
    try:
        return SearchSpace.model_validate(tables)
    except ValidationError as error:
        raise RecipeError(f"{source}: {explain_validation_error(error, SearchSpace)}") from error
