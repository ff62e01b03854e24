"""The recipe: everything that decides a training, validated, read from and written to TOML.

A recipe has the tables `[data]`, `[text]`, `[model]`, `[[model.layers]]` and `[training]`, and may
have `[pretraining]`.
Unknown keys and values out of range raise RecipeError, which names the key, the value, what is
allowed and, for an unknown key, the nearest valid one.
"""

import math
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import Field, ValidationError, model_validator

from hoiquy.errors import DataError, RecipeError
from hoiquy.recipe.model import LOSSES, ModelTable
from hoiquy.recipe.overrides import apply_settings
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.toml import parse_toml, read_toml_file
from hoiquy.recipe.training import Table, TrainingTable
from hoiquy.recipe.validation_errors import explain_validation_error, nearest
from hoiquy.text.index_scheme import IMDB, IndexScheme
from hoiquy.text.ngrams import MOST_WORDS
from hoiquy.text.tokenizer import TokenizerKind

_OWN_NUMBERING = "text.start = 1, text.unknown = 2 and text.first_word = 4"

Side = Literal["left", "right"]


class DataTable(Table):
    """`[data]`: how documents become a rectangle of indices."""

    max_length: Annotated[int, Field(ge=1)] = 200
    padding: Side = "left"
    truncating: Side = "left"
    validation_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.1


class TextTable(Table):
    """`[text]`: how a text becomes words, and which words are kept."""

    tokenizer: TokenizerKind = "keras"
    normalization: Literal["none", "nfc", "vietnamese"] = "none"
    segmentation: Literal["none", "underthesea", "pyvi"] = "none"
    num_words: Annotated[int, Field(ge=1)] = 10_000
    ngrams: Annotated[int, Field(ge=1, le=3)] = 1  # up to so many words together count as one, too
    ngram_min_count: Annotated[int, Field(ge=1)] = 4  # times in the training texts, to be kept
    # How words are numbered; another way than this one is for models made elsewhere.
    start: Literal["none"] | Annotated[int, Field(ge=1)] = 1
    unknown: Literal["dropped"] | Annotated[int, Field(ge=1)] = 2
    first_word: Annotated[int, Field(ge=1)] = 4

    @property
    def scheme(self) -> IndexScheme:
        """How words are numbered."""
        start = None if self.start == "none" else self.start
        unknown = None if self.unknown == "dropped" else self.unknown
        return IndexScheme(start, unknown, self.first_word)

    @model_validator(mode="after")
    def _indices_fit_together(self) -> "TextTable":
        try:
            least = self.scheme.first_word
        except DataError as error:
            raise ValueError(str(error)) from error
        if self.num_words < least:
            raise ValueError(f"num_words = {self.num_words}: expected {least} or more")
        if self.ngrams > 1 and self.scheme != IMDB:
            raise ValueError(f"ngrams: more than 1 needs {_OWN_NUMBERING}")
        return self


class Recipe(Table):
    """A whole training. Frozen; `with_settings` returns a changed copy."""

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    data: DataTable = DataTable()
    text: TextTable = TextTable()
    model: ModelTable
    training: TrainingTable = TrainingTable()
    pretraining: PretrainingTable | None = None  # of the language model; absent: the defaults

    @model_validator(mode="after")
    def _loss_fits_the_last_layer(self) -> "Recipe":
        activation, loss = self.model.output, self.training.loss
        if loss != LOSSES[activation]:
            other = next(name for name in LOSSES if name != activation)
            raise ValueError(
                f'training.loss = "{loss}" does not fit model.layers.{len(self.model.layers) - 1}.'
                f'activation = "{activation}": set training.loss = "{LOSSES[activation]}", or '
                f'activation = "{other}"'
            )
        return self

    @model_validator(mode="after")
    def _what_needs_an_embedding_has_one(self) -> "Recipe":
        if self.text.scheme != IMDB:
            self._check_other_numbering()
        embeds = self.model.input == "indices"
        if self.training.adversarial_epsilon > 0 and not embeds:
            raise ValueError("training.adversarial_epsilon: needs an embedding as the first layer")
        if self.text.ngrams > 1:
            if not embeds:
                raise ValueError("text.ngrams: more than 1 needs an embedding as the first layer")
            if self.text.num_words > MOST_WORDS:
                raise ValueError(
                    f"text.num_words: with text.ngrams expected at most {MOST_WORDS:,}"
                )
        return self

    def _check_other_numbering(self) -> None:
        """Raise ValueError for layers that know which index is a word."""
        if self.model.wide:
            raise ValueError(f"model.wide: needs {_OWN_NUMBERING}")
        if any(getattr(layer, "word_dropout", 0) for layer in self.model.layers):
            raise ValueError(f"model.layers: word_dropout needs {_OWN_NUMBERING}")

    def to_toml(self) -> str:
        """Return TOML that `parse_recipe` reads back to an equal recipe."""
        tables = self.model_dump(exclude_none=True)
        # A recipe that says nothing of what came later stays as it was.
        for table, key, silent in _LATER_KEYS:
            if tables[table][key] == silent:
                del tables[table][key]
        for layer in tables["model"]["layers"]:
            for key, silent in (("word_dropout", 0), ("initial_limit", 0.05)):
                if layer.get(key) == silent:
                    del layer[key]
        return tomli_w.dumps(tables)

    def with_settings(self, settings: Sequence[str] | Mapping[str, Any]) -> "Recipe":
        """Return a copy changed by `key=value` texts such as `training.epochs=5`.

        The value is read as TOML; anything that is not TOML is taken as a string. A number in the
        key picks a layer, counted from 0: `model.layers.1.rate=0.5`. A mapping gives the values
        themselves: {"training.epochs": 5}. Who sets the epochs gets so many: `training.min_steps`
        is 0 then, unless it is set as well.
        """
        tables = self.model_dump()
        tables["pretraining"] = tables["pretraining"] or {}  # so that its keys can be set
        apply_settings(tables, settings)
        if tables["pretraining"] == {}:
            tables["pretraining"] = None
        said = (
            [f"{key}={value}" for key, value in settings.items()]
            if isinstance(settings, Mapping)
            else settings
        )
        return validate_recipe(tables, "--set " + " --set ".join(said))

    def for_documents(self, documents: int) -> "Recipe":
        """The recipe with the epochs that `training.min_steps` asks for on so many documents.

        Ten times its own at most: what cannot be learnt from a few in that time will not be.
        """
        steps = math.ceil(documents / self.training.batch_size)
        epochs = math.ceil(self.training.min_steps / max(steps, 1))
        epochs = min(epochs, _MOST_TIMES * self.training.epochs)
        if epochs <= self.training.epochs:
            return self
        training = self.training.model_copy(update={"epochs": epochs})
        return self.model_copy(update={"training": training})

    def for_labels(self, multilabel: bool) -> "Recipe":
        """The recipe for documents with several labels each; for one label each, it stays as it is.

        Of hoiquy's own recipes, those that end in a softmax get a sigmoid for each label and binary
        cross-entropy. Raises RecipeError, with what to set, for another recipe with a softmax.
        """
        if not multilabel or self.model.output == "sigmoid":
            return self
        last = len(self.model.layers) - 1
        settings = [f"model.layers.{last}.activation=sigmoid", "training.loss=binary_crossentropy"]
        if self.name not in recipe_names():
            raise RecipeError(
                f"the recipe {self.name!r} ends in a softmax, which gives a document one label of "
                f"several, but these documents have several labels: --set "
                f"{' --set '.join(settings)}"
            )
        return self.with_settings(settings)


_MOST_TIMES = 10  # as many epochs as a recipe says, for few documents
_LATER_KEYS = (
    ("training", "class_weight", "none"),
    ("training", "min_steps", 0),
    ("training", "adversarial_epsilon", 0.0),
    ("model", "wide", False),
    ("text", "ngrams", 1),
    ("text", "ngram_min_count", 4),
    ("text", "start", 1),
    ("text", "unknown", 2),
    ("text", "first_word", 4),
)


def parse_recipe(toml: str, source: str) -> Recipe:
    """Read a recipe from TOML text; `source` names it in errors. Raises RecipeError."""
    return validate_recipe(parse_toml(toml, source), source)


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Return a built-in recipe by its name, or one read from a TOML file. Raises RecipeError."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(".toml"):
        return validate_recipe(read_toml_file(Path(name_or_path), "recipe"), text)
    if text not in recipe_names():
        hint = nearest(text, recipe_names())
        known = ", ".join(recipe_names())
        raise RecipeError(f"unknown recipe {text!r}{hint}; known: {known}; or give a FILE.toml")
    return parse_recipe(_folder().joinpath(f"{text}.toml").read_text(encoding="utf-8"), text)


def recipe_names() -> list[str]:
    """Names of the built-in recipes, sorted."""
    files = (entry.name for entry in _folder().iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def _folder() -> Any:
    return resources.files("hoiquy.recipe").joinpath("builtin")


def validate_recipe(tables: dict[str, Any], source: str) -> Recipe:
    """Return the recipe of nested tables; `source` names it in errors. Raises RecipeError."""
    try:
        return Recipe.model_validate(tables)
    except ValidationError as error:
        explanation = explain_validation_error(error, Recipe)
        raise RecipeError(f"{source}: {explanation}") from error
