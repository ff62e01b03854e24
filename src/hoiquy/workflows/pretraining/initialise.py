"""How a classifier begins with a language model: its vocabulary, and the weights of two layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hoiquy.errors import RecipeError, RunError
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import LANGUAGE_MODEL
from hoiquy.text import Vocabulary
from hoiquy.training.model_building import layer_names
from hoiquy.workflows.pretraining.folder import (
    TrainedLanguageModel,
    check_is_complete,
    load_language_model,
    read_vocabulary,
)
from hoiquy.workflows.pretraining.language_model import BACKWARD, EMBEDDINGS, FORWARD, layers_of

_OF_A_CELL = ("kernel", "recurrent_kernel", "bias")
_MUST_AGREE = ("type", "units", "bidirectional", "activation")  # of the recurrent layers


@dataclass(frozen=True, eq=False)
class LanguageModelStart:
    """A vocabulary, and weights by the language model's names.

    facts: what the run's environment notes, so that a resumed training finds the very same again.
    saved: the language model; None for a run that has a checkpoint, which needs no weights.
    """

    recipe: Recipe
    vocabulary: Vocabulary
    facts: dict[str, str] = field(default_factory=dict)
    saved: TrainedLanguageModel | None = None

    @classmethod
    def load(cls, path: str | Path) -> "LanguageModelStart":
        """From a language model's folder. Raises RunError unless it is complete and whole."""
        saved = load_language_model(path)
        check_is_complete(saved)
        facts = {"folder": str(saved.folder.resolve()), "weights_sha256": saved.weights_sha256()}
        return cls(saved.recipe, saved.vocabulary(), facts, saved)

    @classmethod
    def recorded(cls, folder: Path, environment: Mapping[str, Any]) -> Path | None:
        """Where the language model of a run lies; None for a run that began without.

        Raises RunError if it is not there any more, or is another.
        """
        facts = environment.get(LANGUAGE_MODEL)
        if facts is None:
            return None
        try:
            place, before = Path(facts["folder"]), str(facts["weights_sha256"])
        except (TypeError, KeyError) as error:
            raise RunError(
                f"{folder} is damaged: its environment names no language model"
            ) from error
        try:
            now = load_language_model(place).weights_sha256()
        except RunError as error:
            raise RunError(f"{folder} began with a language model: {error}; put it back") from error
        if now != before:
            raise RunError(
                f"{folder} began with the language model {place}, whose weights are others now: "
                f"sha256 {now[:12]}, expected {before[:12]}; put it back, or train again"
            )
        return place

    @classmethod
    def of_run(
        cls, folder: Path, environment: Mapping[str, Any], recipe: Recipe
    ) -> "LanguageModelStart | None":
        """What an interrupted run began with; None for one that began without.

        Where it has a checkpoint, the language model need not be there any more. Raises RunError
        as `recorded` does.
        """
        if LANGUAGE_MODEL not in environment:
            return None
        if checkpoint_numbers(folder):
            return cls(recipe, read_vocabulary(folder, recipe))
        place = cls.recorded(folder, environment)
        return None if place is None else cls.load(place)

    def check_fits(self, recipe: Recipe) -> None:
        """Raise RecipeError, which names a key and both values, unless a recipe can begin so."""
        source = self.facts.get("folder", "it")
        for key, ours in self.recipe.text.model_dump().items():
            theirs = getattr(recipe.text, key)
            if theirs != ours:
                raise RecipeError(
                    f"text.{key} is {theirs!r}, but the language model {source} has {ours!r}: set "
                    f"text.{key}={ours}"
                )
        (embedding, _, cell), (own, place, own_cell) = layers_of(self.recipe), layers_of(recipe)
        wanted: dict[str, Any] = {"model.layers.0.units": embedding.units}
        found: dict[str, Any] = {"model.layers.0.units": own.units}
        for key in _MUST_AGREE:
            wanted[f"model.layers.{place}.{key}"] = getattr(cell, key, None)
            found[f"model.layers.{place}.{key}"] = getattr(own_cell, key, None)
        for key, value in wanted.items():
            if found[key] != value:
                kind = own.type if key.startswith("model.layers.0.") else own_cell.type
                raise RecipeError(
                    f"{key} ({kind}) is {found[key]}, but the language model {source} has {value}: "
                    f"set {key}={str(value).lower()}"
                )

    def put_into(self, recipe: Recipe, model: Model) -> None:
        """Give the model's embedding and first recurrent layer the weights, in place.

        Raises RunError if a shape is another, which only damaged weights can be after `check_fits`.
        """
        parameters = model.parameters
        for name, array in self._weights_of(recipe).items():
            own = parameters[name]
            if (own.shape, own.dtype) != (array.shape, array.dtype):
                raise RunError(
                    f"the language model {self.facts['folder']} does not fit: {name} is "
                    f"{array.shape} {array.dtype}, expected {own.shape} {own.dtype}"
                )
            own[...] = array

    def _weights_of(self, recipe: Recipe) -> dict[str, NDArray[Any]]:
        """Weights by the names that the recipe's model has for them."""
        if self.saved is None:
            return {}
        names, (_, place, cell) = layer_names(recipe), layers_of(recipe)
        named = {f"{names[0]}/{EMBEDDINGS.rpartition('/')[2]}": EMBEDDINGS}
        for direction in (FORWARD, BACKWARD) if cell.bidirectional else (FORWARD,):
            layer = f"{names[place]}/{direction}" if cell.bidirectional else names[place]
            named |= {f"{layer}/{key}": f"{direction}/{key}" for key in _OF_A_CELL}
        weights = self.saved.weights()
        missing = [name for name in named.values() if name not in weights]
        if missing:
            raise RunError(f"the language model {self.facts['folder']} has no {missing[0]}")
        return {name: weights[saved] for name, saved in named.items()}
