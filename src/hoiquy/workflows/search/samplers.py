"""Optuna's samplers and pruners for a search space."""

from typing import TYPE_CHECKING, Any

import numpy as np

from hoiquy.workflows.search.space import Dimension, SamplerTable, SearchSpace

if TYPE_CHECKING:
    import optuna


def distribution(dimension: Dimension) -> "optuna.distributions.BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    low, high, log = dimension.low, dimension.high, dimension.log
    if dimension.choices is not None:
        return CategoricalDistribution(dimension.choices)
    if dimension.whole:
        return IntDistribution(low, high, log=log, step=dimension.step or 1)
    return FloatDistribution(low, high, log=log, step=dimension.step)


def keyed_sampler(space: SearchSpace) -> "optuna.samplers.BaseSampler":
    """A stateless sampler: each trial has a new one, seeded with the trial's number."""
    from optuna.samplers import BaseSampler, GridSampler, RandomSampler, TPESampler

    settings = space.sampler
    grid = {key: one.grid() for key, one in space.space.items()} if settings.type == "grid" else {}

    def sampler_of(number: int) -> BaseSampler:
        if settings.type == "grid":
            return GridSampler(grid, seed=_seed(settings, 0))  # one order for all trials
        seed = _seed(settings, number)
        if settings.type == "random":
            return RandomSampler(seed=seed)
        return TPESampler(n_startup_trials=settings.startup_trials, seed=seed)

    class KeyedSampler(BaseSampler):
        _of: BaseSampler

        def before_trial(self, study: Any, trial: Any) -> None:
            self._of = sampler_of(trial.number)
            self._of.before_trial(study, trial)

        def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
            return self._of.infer_relative_search_space(study, trial)

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
            return self._of.sample_relative(study, trial, search_space)

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return self._of.sample_independent(study, trial, param_name, param_distribution)

    return KeyedSampler()


def _seed(settings: SamplerTable, number: int) -> int:
    return int(np.random.SeedSequence([settings.seed, number]).generate_state(1)[0])


def pruner(space: SearchSpace, epochs: int) -> "optuna.pruners.BasePruner":
    from optuna import pruners

    settings = space.pruner
    first = settings.warmup_epochs + 1  # the first epoch, from 1, after which to prune
    if settings.type == "median":
        return pruners.MedianPruner(settings.startup_trials, n_warmup_steps=first)
    if settings.type == "successive_halving":
        return pruners.SuccessiveHalvingPruner(min_resource=first)
    if settings.type == "hyperband":
        return pruners.HyperbandPruner(min_resource=first, max_resource=max(epochs, first))
    return pruners.NopPruner()
