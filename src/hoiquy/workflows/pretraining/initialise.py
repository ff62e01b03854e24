"""Initialise a classifier from a language model: its vocabulary and the weights of its layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hoiquy.errors import RecipeError, RunError
from hoiquy.nn.kernels import Array
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import LANGUAGE_MODEL
from hoiquy.runs.recorded_input import load_recorded
from hoiquy.text import Vocabulary
from hoiquy.training.model_building import layer_names
from hoiquy.workflows.pretraining.folder import (
    TrainedLanguageModel,
    check_is_complete,
    load_language_model,
    read_vocabulary,
)
from hoiquy.workflows.pretraining.language_model import (
    BACKWARD,
    EMBEDDINGS,
    FORWARD,
    LanguageModel,
    layers_of,
)

_OF_A_CELL = ("kernel", "recurrent_kernel", "bias")
_OF_NGRAMS = ("ngrams", "ngram_min_count")  # a language model has none
_MUST_AGREE = ("type", "units", "bidirectional", "activation")  # of the recurrent layers


@dataclass(frozen=True, eq=False)
class LanguageModelStart:
    """The recipe and vocabulary of a language model, and its weights.

    facts: the entry of the run's environment by which a resumed training finds the model.
    saved: None for a run that has a checkpoint and needs no weights.
    """

    recipe: Recipe
    vocabulary: Vocabulary
    facts: dict[str, str] = field(default_factory=dict)
    saved: TrainedLanguageModel | None = None

    @classmethod
    def load(cls, path: str | Path) -> "LanguageModelStart":
        """Read a language model's folder. Raises RunError if it is incomplete or damaged."""
        saved = load_language_model(path)
        check_is_complete(saved)
        facts = {"folder": str(saved.folder.resolve()), "weights_sha256": saved.weights_sha256()}
        return cls(saved.recipe, saved.vocabulary(), facts, saved)

    @classmethod
    def recorded(cls, folder: Path, environment: Mapping[str, Any]) -> Path | None:
        """The folder of a run's language model; None for a run without.

        Raises RunError if it is missing or has changed.
        """

        def load(place: Path) -> tuple[None, str]:
            return None, load_language_model(place).weights_sha256()

        recorded = load_recorded(folder, environment, LANGUAGE_MODEL, "weights_sha256", load)
        return None if recorded is None else recorded[0]

    @classmethod
    def of_run(
        cls, folder: Path, environment: Mapping[str, Any], recipe: Recipe
    ) -> "LanguageModelStart | None":
        """The language model of an interrupted run; None for a run without.

        A run that has a checkpoint does not need the folder any more. Raises RunError as `recorded`
        does.
        """
        if LANGUAGE_MODEL not in environment:
            return None
        if checkpoint_numbers(folder):
            return cls(recipe, read_vocabulary(folder, recipe))
        place = cls.recorded(folder, environment)
        return None if place is None else cls.load(place)

    def check_fits(self, recipe: Recipe) -> None:
        """Raise RecipeError unless the recipe has the same tokenizer and layer sizes."""
        source = self.facts.get("folder", "it")
        for key, ours in self.recipe.text.model_dump().items():
            theirs = getattr(recipe.text, key)
            if theirs != ours and key not in _OF_NGRAMS:
                raise RecipeError(
                    f"text.{key} is {theirs!r}, but the language model {source} has {ours!r}: set "
                    f"text.{key}={ours}"
                )
        embedding, cells = layers_of(self.recipe)
        own, own_cells = layers_of(recipe)
        if len(own_cells) != len(cells):
            raise RecipeError(
                f"{recipe.name} has {len(own_cells)} recurrent layers one after another, but the "
                f"language model {source} has {len(cells)}"
            )
        wanted: dict[str, Any] = {"model.layers.0.units": embedding.units}
        found: dict[str, Any] = {"model.layers.0.units": own.units}
        types: dict[str, str] = {"model.layers.0.units": own.type}
        for (_, cell), (place, own_cell) in zip(cells, own_cells, strict=True):
            for key in _MUST_AGREE:
                name = f"model.layers.{place}.{key}"
                wanted[name] = getattr(cell, key, None)
                found[name] = getattr(own_cell, key, None)
                types[name] = own_cell.type
        for key, value in wanted.items():
            if found[key] != value:
                raise RecipeError(
                    f"{key} ({types[key]}) is {found[key]}, but the language model {source} has "
                    f"{value}: set {key}={str(value).lower()}"
                )

    def put_into(self, recipe: Recipe, model: Model) -> None:
        """Copy the weights into the model's embedding and recurrent layers.

        Raises RunError for weights of other shapes; after `check_fits`, these are damaged.
        """
        self._put(self._weights_of(recipe), model.parameters)

    def put_into_language_model(self, model: LanguageModel) -> None:
        """Copy all weights into a language model of the same layers. Raises as `put_into`."""
        if self.saved is not None:
            self._put(self._named({name: name for name in model.parameters}), model.parameters)

    def _put(self, weights: Mapping[str, Array], parameters: Mapping[str, Array]) -> None:
        for name, array in weights.items():
            own = parameters[name]
            if (own.shape, own.dtype) != (array.shape, array.dtype):
                raise RunError(
                    f"the language model {self.facts['folder']} does not fit: {name} is "
                    f"{array.shape} {array.dtype}, expected {own.shape} {own.dtype}"
                )
            own[...] = array

    def _weights_of(self, recipe: Recipe) -> dict[str, Array]:
        """Weights by the parameter names of the recipe's model."""
        if self.saved is None:
            return {}
        names, (_, cells) = layer_names(recipe), layers_of(recipe)
        named = {f"{names[0]}/{EMBEDDINGS.rpartition('/')[2]}": EMBEDDINGS}
        for number, (place, cell) in enumerate(cells, start=1):
            for direction in (FORWARD, BACKWARD) if cell.bidirectional else (FORWARD,):
                layer = f"{names[place]}/{direction}" if cell.bidirectional else names[place]
                named |= {f"{layer}/{key}": f"{direction}/{number}/{key}" for key in _OF_A_CELL}
        return self._named(named)

    def _named(self, named: Mapping[str, str]) -> dict[str, Array]:
        """The saved weights, by other names: `named` has the saved name by the other one."""
        assert self.saved is not None
        weights = self.saved.weights()
        missing = [name for name in named.values() if name not in weights]
        if missing:
            raise RunError(f"the language model {self.facts['folder']} has no {missing[0]}")
        return {name: weights[saved] for name, saved in named.items()}
