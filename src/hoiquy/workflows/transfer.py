"""What a training takes over: weights and words of a language model, and soft labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.errors import RunError
from hoiquy.events import Listener, ignore
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import LANGUAGE_MODEL
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared, SoftLabelledDocuments
from hoiquy.workflows.distillation.initialise import NOTED as SOFT_LABELS_OF_RUN
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.pretraining.initialise import LanguageModelStart


@dataclass(frozen=True, eq=False)
class Transfer:
    """A language model to start from, soft labels to train on as well, both, or neither."""

    language_model: LanguageModelStart | None = None
    soft_labels: SoftLabelStart | None = None

    @classmethod
    def load(cls, language_model: str | Path | None, soft_labels: str | Path | None) -> "Transfer":
        """Read the folders of `pretrain` and `pseudo_label`. Raises RunError."""
        return cls(
            None if language_model is None else LanguageModelStart.load(language_model),
            None if soft_labels is None else SoftLabelStart.load(soft_labels),
        )

    @classmethod
    def of_run(cls, folder: Path, environment: Mapping[str, Any], recipe: Recipe) -> "Transfer":
        """What a run started from. Raises RunError if that is missing or has changed."""
        return cls(
            LanguageModelStart.of_run(folder, environment, recipe),
            SoftLabelStart.of_run(folder, environment),
        )

    @property
    def documents(self) -> SoftLabelledDocuments | None:
        """The soft-labelled documents."""
        return None if self.soft_labels is None else self.soft_labels.documents

    def facts(self) -> dict[str, Any]:
        """For `environment.json`: where both lie, with their hashes; `of_run` reads it."""
        facts: dict[str, Any] = {}
        if self.language_model is not None:
            facts[LANGUAGE_MODEL] = self.language_model.facts
        return facts if self.soft_labels is None else facts | self.soft_labels.noted()

    def check_run(self, folder: Path, environment: Mapping[str, Any]) -> None:
        """Raise RunError if a run is trained on soft labels, and these are not given."""
        if self.soft_labels is None and SOFT_LABELS_OF_RUN in environment:
            raise RunError(
                f"{folder} is trained on soft labels as well: resume with hoiquy resume {folder}"
            )

    def check_recipe(self, recipe: Recipe) -> None:
        """Raise RecipeError unless a recipe can start from the language model."""
        if self.language_model is not None:
            self.language_model.check_fits(recipe)

    def check_data(self, dataset: Dataset) -> None:
        """Raise RunError unless the soft labels were made for this data set."""
        if self.soft_labels is not None:
            self.soft_labels.check_data(dataset)

    def prepare(self, recipe: Recipe, dataset: Dataset, on_event: Listener = ignore) -> Prepared:
        """Encode the documents, with the language model's words and the soft-labelled documents.

        Raises RunError or RecipeError for soft labels that do not fit.
        """
        if self.soft_labels is not None:
            self.soft_labels.check_fits(recipe, dataset)
        vocabulary = self.language_model.vocabulary if self.language_model else None
        return prepare(recipe, dataset, on_event, vocabulary, self.documents)

    def initialise(self, recipe: Recipe, model: Model) -> None:
        """Copy the language model's weights into a new model."""
        if self.language_model is not None:
            self.language_model.put_into(recipe, model)
