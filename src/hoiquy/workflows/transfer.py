"""What a training has beside labelled documents: a language model, word vectors, other texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.errors import RunError
from hoiquy.events import Listener, ignore
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import LANGUAGE_MODEL, UNLABELLED, VECTORS
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared, SoftLabelledDocuments
from hoiquy.workflows.distillation.initialise import NOTED as SOFT_LABELS_OF_RUN
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.unlabelled_texts import UnlabelledTexts
from hoiquy.workflows.word_vectors import VectorStart, put_vectors_into


@dataclass(frozen=True, eq=False)
class Transfer:
    """What to start from, and what to train on as well.

    language_model, vectors: the first weights.
    soft_labels: texts with pseudo-labels.
    unlabelled: texts without labels; the members of an ensemble learn from them.
    """

    language_model: LanguageModelStart | None = None
    soft_labels: SoftLabelStart | None = None
    vectors: VectorStart | None = None
    unlabelled: UnlabelledTexts | None = None

    @classmethod
    def load(
        cls,
        language_model: str | Path | None,
        soft_labels: str | Path | None,
        vectors: str | Path | None = None,
        unlabelled: UnlabelledTexts | None = None,
    ) -> "Transfer":
        """Read the folders of `pretrain` and `pseudo_label`, and find the format of word vectors.

        Raises RunError, or DataError for the vectors.
        """
        return cls(
            None if language_model is None else LanguageModelStart.load(language_model),
            None if soft_labels is None else SoftLabelStart.load(soft_labels),
            None if vectors is None else VectorStart.load(vectors),
            unlabelled,
        )

    @classmethod
    def of_run(cls, folder: Path, environment: Mapping[str, Any], recipe: Recipe) -> "Transfer":
        """What a run started from. Raises RunError if that is missing or has changed."""
        return cls(
            LanguageModelStart.of_run(folder, environment, recipe),
            SoftLabelStart.of_run(folder, environment),
            VectorStart.of_run(folder, environment),
        )

    @classmethod
    def of_ensemble(cls, folder: Path, environment: Mapping[str, Any]) -> "Transfer":
        """The word vectors and texts of an ensemble, as more networks may begin.

        Raises RunError if the vectors are missing or have changed, or the texts were in memory.
        """
        unlabelled = UnlabelledTexts.recorded(folder, environment)
        return cls.load(None, None, VectorStart.recorded(folder, environment), unlabelled)

    @property
    def places(self) -> dict[str, Any]:
        """For `environment.json` of an ensemble; `of_ensemble` reads it."""
        places: dict[str, Any] = {}
        if self.vectors is not None:
            places[VECTORS] = self.vectors.place()
        if self.unlabelled is not None:
            places[UNLABELLED] = self.unlabelled.places()
        return places

    @property
    def documents(self) -> SoftLabelledDocuments | None:
        """The soft-labelled documents."""
        return None if self.soft_labels is None else self.soft_labels.documents

    def facts(self, prepared: Prepared) -> dict[str, Any]:
        """For `environment.json`: where all lie, with their hashes; `of_run` reads it.

        prepared: as `prepare` gave it.
        """
        facts: dict[str, Any] = {}
        if self.language_model is not None:
            facts[LANGUAGE_MODEL] = self.language_model.facts
        if self.vectors is not None:
            facts[VECTORS] = self.vectors.facts(prepared)
        return facts if self.soft_labels is None else facts | self.soft_labels.noted()

    def check_run(self, folder: Path, environment: Mapping[str, Any]) -> None:
        """Raise RunError if a run has soft labels or word vectors, and these are not given."""
        if self.vectors is None and VECTORS in environment:
            raise RunError(f"{folder} began with word vectors: resume with hoiquy resume {folder}")
        if self.soft_labels is None and SOFT_LABELS_OF_RUN in environment:
            raise RunError(
                f"{folder} is trained on soft labels as well: resume with hoiquy resume {folder}"
            )

    def check_recipe(self, recipe: Recipe) -> None:
        """Raise RecipeError unless a recipe can start from the language model."""
        if self.language_model is not None:
            self.language_model.check_fits(recipe)

    def adapted(self, recipe: Recipe) -> Recipe:
        """The recipe with the word vectors' dimension. Raises RecipeError if it cannot have it."""
        return recipe if self.vectors is None else self.vectors.adapted(recipe)

    def check_data(self, dataset: Dataset) -> None:
        """Raise RunError unless the soft labels were made for this data set."""
        if self.soft_labels is not None:
            self.soft_labels.check_data(dataset)

    def prepare(self, recipe: Recipe, dataset: Dataset, on_event: Listener = ignore) -> Prepared:
        """Encode the documents, with the language model's words and the soft-labelled documents.

        Also reads the vectors of the words. Raises RunError or RecipeError for soft labels that do
        not fit, DataError for vectors that are damaged or of none of the words.
        """
        if self.soft_labels is not None:
            self.soft_labels.check_fits(recipe, dataset)
        vocabulary = self.language_model.vocabulary if self.language_model else None
        prepared = prepare(recipe, dataset, on_event, vocabulary, self.documents)
        return prepared if self.vectors is None else self.vectors.read(recipe, prepared, on_event)

    def initialise(self, recipe: Recipe, model: Model, prepared: Prepared) -> None:
        """Copy the language model's weights, or the word vectors, into a new model."""
        if self.language_model is not None:
            self.language_model.put_into(recipe, model)
        if prepared.vectors is not None:
            put_vectors_into(recipe, model, prepared.vectors)
