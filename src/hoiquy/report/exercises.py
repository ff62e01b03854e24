"""Which exercise of the lab a run belongs to, what it is called, and which runs go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.messages import Lang, text
from hoiquy.recipe import Recipe
from hoiquy.report.published import PUBLISHED, Published
from hoiquy.runs import Run

_QUICK = "-quick"


@dataclass(frozen=True)
class ExerciseRuns:
    """The runs of one recipe, one a seed, lowest seed first; there is at least one."""

    name: str  # of the recipe: "bai3" or "bai3-quick"
    runs: tuple[Run, ...]

    @property
    def published(self) -> Published | None:
        """What the sheet says about it; None if it is not one of the five exercises."""
        return PUBLISHED.get(exercise_name(self.name))


def group_runs(runs: Sequence[Run]) -> list[ExerciseRuns]:
    """Put the seeds of a recipe together; exercises in order, the quick recipe after the full."""
    names = {run.recipe.name for run in runs}
    ordered = sorted(names, key=lambda name: (exercise_name(name), is_quick(name)))
    return [
        ExerciseRuns(
            name,
            tuple(
                sorted(
                    (run for run in runs if run.recipe.name == name),
                    key=lambda run: run.result.seed,
                )
            ),
        )
        for name in ordered
    ]


def exercise_name(recipe_name: str) -> str:
    """`bai3` for `bai3` and for `bai3-quick`."""
    return recipe_name.removesuffix(_QUICK)


def is_quick(recipe_name: str) -> bool:
    """Whether it is the quick variant of a recipe of the lab."""
    return recipe_name.endswith(_QUICK)


def exercise_label(recipe_name: str, lang: Lang) -> str:
    """`Bài 3` or `Exercise 3 (quick)`; a recipe that is not of the lab keeps its name."""
    published = PUBLISHED.get(exercise_name(recipe_name))
    if published is None:
        return recipe_name
    key = "exercise.quick" if is_quick(recipe_name) else "exercise.full"
    return text(key, lang, number=published.number)


def run_title(run: Run, lang: Lang) -> str:
    """Title of a run's curves and section: `Bài 3: Embedding(128) → LSTM(200)`."""
    return f"{exercise_label(run.recipe.name, lang)}: {network_name(run.recipe)}"


def network_name(recipe: Recipe) -> str:
    """The layers that learn, without the output layer: `Embedding(128) → LSTM(200)`."""
    *body, _ = recipe.model.layers
    return " → ".join(_layer_name(layer) for layer in body if layer.type != "dropout") or "Dense"


def _layer_name(layer: Any) -> str:
    if layer.type == "pooling":
        return "MaxPooling" if layer.over_time == "max" else "MeanPooling"
    name = f"{_LAYER_NAMES[layer.type]}({layer.units})"
    return f"Bidirectional({name})" if getattr(layer, "bidirectional", False) else name


_LAYER_NAMES = {
    "embedding": "Embedding",
    "simple_rnn": "SimpleRNN",
    "lstm": "LSTM",
    "gru": "GRU",
    "dense": "Dense",
}
