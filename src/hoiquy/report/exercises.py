"""Group runs by exercise of the lab, and label them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.comparison.candidates import alike, settings_of
from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.recipe.recipe import Recipe
from hoiquy.report.published import PUBLISHED, Published
from hoiquy.runs.ensemble import Member, ensemble_of
from hoiquy.runs.folder import Run

_QUICK = "-quick"


@dataclass(frozen=True)
class ExerciseRuns:
    """The runs of one recipe, lowest seed first; there is at least one.

    They differ only in the seed.
    """

    name: str  # of the recipe: "bai3" or "bai3-quick"
    runs: tuple[Run, ...]
    differences: str = ""  # from other groups of the same recipe: "training.epochs=5"

    @property
    def published(self) -> Published | None:
        """Its figures on the lab sheet; None if it is not one of the five exercises."""
        return PUBLISHED.get(exercise_name(self.name))

    def label(self, lang: Lang) -> str:
        """`Bài 3`, with differences from other groups: `Bài 3 (training.epochs=5)`."""
        label = exercise_label(self.name, lang)
        return f"{label} ({self.differences})" if self.differences else label

    def title(self, lang: Lang) -> str:
        """Title of its section: `Bài 3: Embedding(128) → LSTM(200)`."""
        return f"{self.label(lang)}: {structure_of(self.runs[0], lang)}"


def group_runs(runs: Sequence[Run]) -> list[ExerciseRuns]:
    """Group the seeds of a recipe; exercises in order, quick recipes after full ones."""
    kinds = alike(runs, _settings)
    groups = [
        ExerciseRuns(
            group[0].recipe.name,
            tuple(sorted(group, key=lambda run: run.result.seed)),
            _differences(
                settings, [known for known, _ in kinds if known["name"] == settings["name"]]
            ),
        )
        for settings, group in kinds
    ]
    return sorted(groups, key=lambda group: (exercise_name(group.name), is_quick(group.name)))


def _settings(run: Run) -> dict[str, Any]:
    """All settings except the seed, and the data, by key as `--set` writes it."""
    return settings_of(run) | {"data": run.result.data, "data.is": run.result.data_fingerprint}


def _differences(own: Mapping[str, Any], alike: Sequence[Mapping[str, Any]]) -> str:
    """The settings in which groups of one recipe differ; other data by its name."""
    keys = dict.fromkeys(key for settings in alike for key in settings)
    differing = [key for key in keys if any(other.get(key) != own.get(key) for other in alike)]
    if "data.is" in differing and "data" in differing:
        differing.remove("data.is")
    return ", ".join(f"{key}={str(own.get(key, '–'))[:40]}" for key in differing)


def exercise_name(recipe_name: str) -> str:
    """`bai3` for `bai3` and for `bai3-quick`."""
    return recipe_name.removesuffix(_QUICK)


def is_quick(recipe_name: str) -> bool:
    """Whether it is the quick variant of a recipe of the lab."""
    return recipe_name.endswith(_QUICK)


def exercise_label(recipe_name: str, lang: Lang) -> str:
    """`Bài 3` or `Exercise 3 (quick)`; a recipe that is not the lab's keeps its name."""
    published = PUBLISHED.get(exercise_name(recipe_name))
    if published is None:
        return recipe_name
    key = "exercise.quick" if is_quick(recipe_name) else "exercise.full"
    return text(key, lang, number=published.number)


def run_title(run: Run, lang: Lang) -> str:
    """Title of a run's curves and section: `Bài 3: Embedding(128) → LSTM(200)`."""
    return f"{exercise_label(run.recipe.name, lang)}: {structure_of(run, lang)}"


def structure_of(run: Run, lang: Lang) -> str:
    """The layers of a network, or the members of an ensemble: `linear classifier + 5 × gru`."""
    if not run.result.is_ensemble:
        return network_name(run.recipe)
    try:
        ensemble = ensemble_of(run)
    except RunError:
        ensemble = None
    if ensemble is None:
        return "ensemble"
    counted = [
        (len(one.models), member_name(one, lang)) for one in ensemble.members if one.weight > 0
    ]
    return " + ".join(name if count == 1 else f"{count} × {name}" for count, name in counted)


def member_name(member: Member, lang: Lang) -> str:
    """The name of an ensemble's member: `linear classifier`, `gru`."""
    return text("ensemble.linear", lang) if member.name == "linear" else member.name


def network_name(recipe: Recipe) -> str:
    """The trainable layers without the output layer: `Embedding(128) → LSTM(200)`.

    A wide branch is appended: `Embedding(64) → GRU(64) + Wide`.
    """
    *body, _ = recipe.model.layers
    shown = [layer for layer in body if layer.type not in _NOT_SHOWN]
    names = " → ".join(map(_layer_name, shown)) or "Dense"
    return f"{names} + Wide" if recipe.model.wide else names


def _layer_name(layer: Any) -> str:
    if layer.type == "pooling":
        return _POOLING_NAMES[layer.over_time]
    if layer.type not in _LAYER_NAMES:
        name = "".join(part.capitalize() for part in layer.type.split("_"))
        size = layer.settings.get("filters", layer.settings.get("units"))
        return name if size is None else f"{name}({size})"
    name = f"{_LAYER_NAMES[layer.type]}({layer.units})"
    return f"Bidirectional({name})" if getattr(layer, "bidirectional", False) else name


_POOLING_NAMES = {"max": "MaxPooling", "mean": "MeanPooling", "last+max+mean": "ConcatPooling"}
_NOT_SHOWN = ("dropout", "spatial_dropout1d", "batch_normalization", "shared")
_LAYER_NAMES = {
    "embedding": "Embedding",
    "simple_rnn": "SimpleRNN",
    "lstm": "LSTM",
    "gru": "GRU",
    "dense": "Dense",
}
