"""How a training learns from a lesson: documents beside the labelled ones, if the lesson fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.errors import RecipeError, RunError
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.encoding.prepare import labelled_parts
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.workflows.distillation.soft_labels import SoftLabels, load_soft_labels

NOTED = "soft_labels"  # in a run's environment


@dataclass(frozen=True, eq=False)
class SoftLabelStart:
    """A lesson and its documents.

    sha256: of the file that the documents came from.
    """

    soft_labels: SoftLabels
    documents: SoftLabelledDocuments
    sha256: str

    @classmethod
    def load(cls, path: str | Path) -> "SoftLabelStart":
        """From a lesson's folder. Raises RunError if it is missing or damaged."""
        soft_labels = load_soft_labels(path)
        return cls(soft_labels, soft_labels.documents(), soft_labels.soft_labels_sha256())

    @classmethod
    def of_run(cls, folder: Path, environment: Mapping[str, Any]) -> "SoftLabelStart | None":
        """The lesson that a run was taught by; None for a run without.

        Raises RunError if it is not there any more, or is another.
        """
        facts = environment.get(NOTED)
        if facts is None:
            return None
        try:
            place, before = Path(facts["folder"]), str(facts["soft_labels_sha256"])
        except (TypeError, KeyError) as error:
            raise RunError(f"{folder} is damaged: its environment names no lesson") from error
        try:
            found = cls.load(place)
        except RunError as error:
            raise RunError(f"{folder} learns from a lesson: {error}; put it back") from error
        if found.sha256 != before:
            raise RunError(
                f"{folder} learns from the lesson {place}, which is another now: sha256 "
                f"{found.sha256[:12]}, expected {before[:12]}; put it back, or train again"
            )
        return found

    def noted(self) -> dict[str, Any]:
        """What the run's environment says of it, so that `of_run` finds the very same again."""
        place = str(self.soft_labels.folder.resolve())
        return {NOTED: {"folder": place, "soft_labels_sha256": self.sha256}}

    def check_data(self, dataset: Dataset) -> None:
        """Raise RunError, with both values, unless the teachers learnt from the same data."""
        folder, facts = self.soft_labels.folder, self.soft_labels.facts
        if dataset.multilabel:
            raise RunError(
                f"{dataset.name} has several labels a document, and the soft labels of {folder} "
                f"are for one label of several: train without them"
            )
        if facts.classes != list(dataset.classes):
            raise RunError(
                f"the lesson {folder} has the classes {', '.join(facts.classes)}, but "
                f"{dataset.name} has {', '.join(dataset.classes)}: teach one with runs on this data"
            )
        if facts.data_fingerprint != dataset.fingerprint():
            raise RunError(
                f"the teachers of the lesson {folder} learnt from other data, {facts.data} "
                f"({facts.data_fingerprint[:12]}), not from {dataset.name} "
                f"({dataset.fingerprint()[:12]}): train on that, or teach one with runs on this"
            )

    def check_fits(self, recipe: Recipe, dataset: Dataset) -> None:
        """Do as `check_data`; the training must also validate on what the teachers validated on.

        Raises RecipeError, with the value to set, if it does not: the teachers have learnt from
        documents that it would be judged by.
        """
        self.check_data(dataset)
        wanted = self.soft_labels.facts.validation_documents
        found = len(labelled_parts(recipe, dataset)[1])
        if found == wanted:
            return
        fraction = _fraction(wanted, len(dataset.train))
        raise RecipeError(
            f"data.validation_fraction = {recipe.data.validation_fraction} keeps {found:,} "
            f"documents to validate on, but the teachers of {self.soft_labels.folder} kept "
            f"{wanted:,}: set data.validation_fraction={fraction}"
        )


def _fraction(kept: int, documents: int) -> float:
    """The shortest fraction that keeps so many of the documents, as `preparation` rounds it."""
    for digits in range(1, 12):
        fraction = round(kept / documents, digits)
        if 0 < fraction < 1 and documents - floor(documents * (1 - fraction)) == kept:
            return fraction
    return (kept - 0.5) / documents
