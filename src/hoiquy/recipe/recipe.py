"""The recipe: all settings of a training, validated, read from and written to TOML.

A recipe has the tables `[data]`, `[text]`, `[model]`, `[[model.layers]]` and `[training]`, and may
have `[pretraining]`. Invalid keys and values raise RecipeError, which names the key, the value,
what is allowed and, for an unknown key, the nearest valid one.
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

_MAX_EPOCHS_FACTOR = 10  # how far `min_steps` may raise the epochs
_DEFAULT_INDICES = "text.start = 1, text.unknown = 2 and text.first_word = 4"

Side = Literal["left", "right"]


class DataTable(Table):
    """`[data]`: length, padding and validation split of the documents."""

    max_length: Annotated[int, Field(ge=1)] = 200
    padding: Side = "left"
    truncating: Side = "left"
    validation_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.1


class TextTable(Table):
    """`[text]`: splitting and vocabulary."""

    tokenizer: TokenizerKind = "keras"
    normalization: Literal["none", "nfc", "vietnamese"] = "none"
    segmentation: Literal["none", "underthesea", "pyvi"] = "none"
    num_words: Annotated[int, Field(ge=1)] = 10_000
    ngrams: Annotated[int, Field(ge=1, le=3)] = 1  # longest n-gram in words
    ngram_min_count: Annotated[int, Field(ge=1)] = 4  # occurrences in the training texts
    # The index scheme; other values are for imported models.
    start: Literal["none"] | Annotated[int, Field(ge=1)] = 1
    unknown: Literal["dropped"] | Annotated[int, Field(ge=1)] = 2
    first_word: Annotated[int, Field(ge=1)] = 4

    @property
    def scheme(self) -> IndexScheme:
        """How words map to indices."""
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
            raise ValueError(f"ngrams: more than 1 needs {_DEFAULT_INDICES}")
        return self


class Recipe(Table):
    """All settings of a training. Frozen; `with_settings` returns a changed copy."""

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    data: DataTable = DataTable()
    text: TextTable = TextTable()
    model: ModelTable
    training: TrainingTable = TrainingTable()
    pretraining: PretrainingTable | None = None  # of the language model; None: the defaults

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
    def _layers_take_their_inputs(self) -> "Recipe":
        from hoiquy.recipe.layers import check_shapes

        if self.model.is_chain:  # its order is checked
            pooling = {getattr(layer, "over_time", None) for layer in self.model.layers}
            if "last+max+mean" in pooling:  # depends on the directions of its input
                check_shapes(self.model, self.data.max_length)
            return self
        check_shapes(self.model, self.data.max_length)
        for key, is_set in (
            ("training.adversarial_epsilon", self.training.adversarial_epsilon > 0),
            ("text.ngrams", self.text.ngrams > 1),
        ):
            if is_set:
                raise ValueError(
                    f"{key}: needs a chain of embedding, dropout, recurrent, pooling and dense "
                    f"layers"
                )
        return self

    @model_validator(mode="after")
    def _embedding_where_needed(self) -> "Recipe":
        if self.text.scheme != IMDB:
            self._check_default_indices()
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

    def _check_default_indices(self) -> None:
        """Raise ValueError for layers that rely on the default index scheme."""
        if self.model.wide:
            raise ValueError(f"model.wide: needs {_DEFAULT_INDICES}")
        if any(getattr(layer, "word_dropout", 0) for layer in self.model.layers):
            raise ValueError(f"model.layers: word_dropout needs {_DEFAULT_INDICES}")

    def to_toml(self) -> str:
        """Return TOML that `parse_recipe` reads back to an equal recipe."""
        return tomli_w.dumps(self.model_dump(exclude_none=True))

    def with_settings(self, settings: Sequence[str] | Mapping[str, Any]) -> "Recipe":
        """Return a changed copy.

        Args:
            settings: `KEY=VALUE` strings such as `training.epochs=5`, with the value in TOML (or a
                plain string), or a mapping of keys to values: {"training.epochs": 5}. A number in a
                key selects a layer, counted from 0: `model.layers.1.rate=0.5`. Setting the epochs
                also sets `training.min_steps` to 0, unless that is set too.

        Raises:
            RecipeError: A key is unknown, or a value is not allowed.
        """
        tables = self.model_dump()
        tables["pretraining"] = tables["pretraining"] or {}  # so that its keys can be set
        apply_settings(tables, settings)
        if tables["pretraining"] == {}:
            tables["pretraining"] = None
        if isinstance(settings, Mapping):
            settings = [f"{key}={value}" for key, value in settings.items()]
        return validate_recipe(tables, "--set " + " --set ".join(settings))

    def for_documents(self, documents: int) -> "Recipe":
        """Return the recipe with enough epochs for `training.min_steps` on so many documents.

        At most ten times its own: more does not help on few documents.
        """
        steps = math.ceil(documents / self.training.batch_size)
        epochs = math.ceil(self.training.min_steps / max(steps, 1))
        epochs = min(epochs, _MAX_EPOCHS_FACTOR * self.training.epochs)
        if epochs <= self.training.epochs:
            return self
        training = self.training.model_copy(update={"epochs": epochs})
        return self.model_copy(update={"training": training})

    def for_labels(self, multilabel: bool) -> "Recipe":
        """Return the recipe for documents with several labels each; itself for one label each.

        Built-in recipes with a softmax get sigmoids and binary cross-entropy. Raises RecipeError,
        with the settings to change, for other recipes with a softmax.
        """
        if not multilabel or self.model.output == "sigmoid":
            return self
        last = len(self.model.layers) - 1
        settings = [f"model.layers.{last}.activation=sigmoid", "training.loss=binary_crossentropy"]
        if self.name not in recipe_names():
            raise RecipeError(
                f"the recipe {self.name!r} ends in a softmax, which predicts one label a document, "
                f"but these documents have several labels: --set {' --set '.join(settings)}"
            )
        return self.with_settings(settings)


def parse_recipe(toml: str, source: str) -> Recipe:
    """Read a recipe from TOML text; errors name `source`. Raises RecipeError."""
    return validate_recipe(parse_toml(toml, source), source)


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Return a built-in recipe by name, or read a TOML file. Raises RecipeError."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(".toml"):
        return validate_recipe(read_toml_file(Path(name_or_path), "recipe"), text)
    if text not in recipe_names():
        hint = nearest(text, recipe_names())
        known = ", ".join(recipe_names())
        raise RecipeError(f"unknown recipe {text!r}{hint}; known: {known}; or pass a FILE.toml")
    return parse_recipe(_folder().joinpath(f"{text}.toml").read_text(encoding="utf-8"), text)


def recipe_names() -> list[str]:
    """Return the sorted names of the built-in recipes."""
    files = (entry.name for entry in _folder().iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def _folder() -> Any:
    return resources.files("hoiquy.recipe").joinpath("builtin")


def validate_recipe(tables: dict[str, Any], source: str) -> Recipe:
    """Validate nested tables as a recipe; errors name `source`. Raises RecipeError."""
    try:
        return Recipe.model_validate(tables)
    except ValidationError as error:
        explanation = explain_validation_error(error, Recipe)
        raise RecipeError(f"{source}: {explanation}") from error
