"""Choose the size and the length of a pretraining by the time that there is for it.

A larger model learns more from each word, and reads fewer of them in the time. The largest is
chosen that still reads enough words for each of its parameters (Hoffmann et al. 2022, "Training
compute-optimal large language models"), over a few passes: little text gets a small model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.errors import InputError
from hoiquy.recipe.recipe import Recipe
from hoiquy.workflows.pretraining.language_model import layers_of

# Units of the embedding and of the recurrent layer, and candidates.
_SIZES = ((64, 128, 2048), (128, 256, 2048), (256, 512, 4096), (256, 768, 4096), (256, 1024, 4096))
_STREAMS = (64, 32, 16)  # fewer make more steps of the same words
_FEWEST_STEPS = 1000  # with fewer, fewer streams are better
_MOST_PASSES = 10
_WORDS_OF_A_PARAMETER = 15  # that are read, at least, by any but the smallest model
_PERPLEXITIES = 15  # at most
_SCORING = 0.1  # largest share of the time for the perplexities, unless there is but one
_USED = 0.92  # share of the time that is planned, as estimates err


@dataclass(frozen=True)
class Speed:
    """How fast a model is trained on some texts.

    step, scoring: seconds of a step, and of a perplexity with saving the epoch.
    steps: of a pass over the texts.
    parameters: beside those of each word.
    """

    step: float
    scoring: float
    steps: int
    parameters: int


@dataclass(frozen=True)
class Plan:
    """How long a recipe is pretrained.

    seconds: that are expected for steps and perplexities together.
    passes: over the texts.
    """

    recipe: Recipe
    steps_per_epoch: int
    epochs: int
    seconds: float
    passes: float

    @property
    def steps(self) -> int:
        """Of all epochs."""
        return self.steps_per_epoch * self.epochs

    def resolved(self) -> Recipe:
        """The recipe with its epochs and their steps."""
        return self.recipe.with_settings(
            {
                "pretraining.epochs": self.epochs,
                "pretraining.steps_per_epoch": self.steps_per_epoch,
            }
        )


def ladders(recipe: Recipe, settings: Mapping[str, Any]) -> list[list[Recipe]]:
    """The recipe in ever larger sizes, for ever fewer streams.

    settings: those of the user, which no size changes.
    """
    _, [(place, _), *_] = layers_of(recipe)
    return [
        [
            recipe.with_settings(
                {
                    "model.layers.0.units": embedding,
                    f"model.layers.{place}.units": units,
                    "pretraining.candidates": candidates,
                    "pretraining.batch_size": streams,
                    **settings,
                }
            )
            for embedding, units, candidates in _SIZES
        ]
        for streams in _STREAMS
    ]


def plan_pretraining(
    sizes: Sequence[Sequence[Recipe]],
    words: int,
    seconds_left: Callable[[], float],
    speed_of: Callable[[Recipe], Speed],
) -> Plan:
    """The size that learns most in the time, and how often it reads the texts.

    Args:
        sizes: Recipes from small to large, for many streams, then the same for fewer.
        words: Of a pass over the texts.
        seconds_left: For steps and perplexities; asked again after each measurement.
        speed_of: Measures a recipe. Not called for sizes above one that is too slow.

    Raises:
        InputError: There is no time for a single step.
    """
    for ladder in sizes:
        plan = _largest(ladder, words, seconds_left, speed_of)
        if plan.steps >= _FEWEST_STEPS:
            break
    return plan


def _largest(
    ladder: Sequence[Recipe],
    words: int,
    seconds_left: Callable[[], float],
    speed_of: Callable[[Recipe], Speed],
) -> Plan:
    """The largest recipe that reads enough words, or the smallest one."""
    chosen, speed = ladder[0], speed_of(ladder[0])
    for recipe in ladder[1:]:
        faster, speed = speed, speed_of(recipe)
        read = _steps(seconds_left(), speed) * words / speed.steps
        if read < _WORDS_OF_A_PARAMETER * speed.parameters:
            speed = faster
            break
        chosen = recipe
    return _filled(chosen, seconds_left(), speed)


def _reserved(seconds: float, speed: Speed) -> float:
    """Seconds for perplexities, the last one at least."""
    return min(_PERPLEXITIES * speed.scoring, max(_SCORING * _USED * seconds, speed.scoring))


def _steps(seconds: float, speed: Speed) -> int:
    """That fit, but of no more than `_MOST_PASSES`."""
    affordable = int((_USED * seconds - _reserved(seconds, speed)) / speed.step)
    return min(affordable, _MOST_PASSES * speed.steps)


def _filled(recipe: Recipe, seconds: float, speed: Speed) -> Plan:
    steps = _steps(seconds, speed)
    if steps < 1:
        needed = (speed.step + speed.scoring) / _USED
        raise InputError(
            f"the minutes are too few: {max(seconds, 0):.1f} s are left to train the language "
            f"model, but a step, its perplexity and saving take {needed:.1f} s: give more minutes"
        )
    epochs = min(max(1, int(_reserved(seconds, speed) / speed.scoring + 1e-9)), steps)
    per_epoch = steps // epochs
    planned = per_epoch * epochs
    expected = planned * speed.step + epochs * speed.scoring
    return Plan(recipe, per_epoch, epochs, expected, planned / speed.steps)
