"""Soft-labelled documents for a training, and the checks that they fit its data and recipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.errors import RecipeError, RunError
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.recorded_input import load_recorded
from hoiquy.training.encoding.prepare import labelled_parts
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.workflows.distillation.soft_labels import SoftLabels, load_soft_labels

NOTED = "soft_labels"  # key in a run's environment


@dataclass(frozen=True, eq=False)
class SoftLabelStart:
    """Soft labels with their documents, and the hash of the documents' file."""

    soft_labels: SoftLabels
    documents: SoftLabelledDocuments
    sha256: str

    @classmethod
    def load(cls, path: str | Path) -> "SoftLabelStart":
        """Read a folder of soft labels. Raises RunError if it is missing or damaged."""
        soft_labels = load_soft_labels(path)
        return cls(soft_labels, soft_labels.documents(), soft_labels.soft_labels_sha256())

    @classmethod
    def of_run(cls, folder: Path, environment: Mapping[str, Any]) -> "SoftLabelStart | None":
        """The soft labels that a run was trained on; None for a run without.

        Raises RunError if they are missing or have changed.
        """

        def load(place: Path) -> tuple[SoftLabelStart, str]:
            found = cls.load(place)
            return found, found.sha256

        recorded = load_recorded(folder, environment, NOTED, "soft_labels_sha256", load)
        return None if recorded is None else recorded[1]

    def noted(self) -> dict[str, Any]:
        """The entry of the run's environment by which `of_run` finds them."""
        place = str(self.soft_labels.folder.resolve())
        return {NOTED: {"folder": place, "soft_labels_sha256": self.sha256}}

    def check_data(self, dataset: Dataset) -> None:
        """Raise RunError unless the teachers were trained on this data set."""
        folder, facts = self.soft_labels.folder, self.soft_labels.facts
        if dataset.multilabel:
            raise RunError(
                f"{dataset.name} has several labels per document, but the soft labels {folder} "
                f"have one: train without them"
            )
        if facts.classes != list(dataset.classes):
            raise RunError(
                f"the soft labels {folder} have the classes {', '.join(facts.classes)}, but "
                f"{dataset.name} has {', '.join(dataset.classes)}: make some with runs on this data"
            )
        if facts.data_fingerprint != dataset.fingerprint():
            raise RunError(
                f"the teachers of the soft labels {folder} were trained on other data, "
                f"{facts.data} ({facts.data_fingerprint[:12]}), not on {dataset.name} "
                f"({dataset.fingerprint()[:12]}): train on that, or make some with runs on this"
            )

    def check_fits(self, recipe: Recipe, dataset: Dataset) -> None:
        """Do as `check_data`, and raise RecipeError if the validation documents differ.

        The training would otherwise be validated on documents that the teachers were trained on.
        """
        self.check_data(dataset)
        wanted = self.soft_labels.facts.validation_documents
        found = len(labelled_parts(recipe, dataset)[1])
        if found == wanted:
            return
        fraction = _fraction(wanted, len(dataset.train))
        raise RecipeError(
            f"data.validation_fraction = {recipe.data.validation_fraction} keeps {found:,} "
            f"documents for validation, but the teachers of {self.soft_labels.folder} kept "
            f"{wanted:,}: set data.validation_fraction={fraction}"
        )


def _fraction(kept: int, documents: int) -> float:
    """The shortest fraction that keeps so many documents, rounded as in `prepare`."""
    for digits in range(1, 12):
        fraction = round(kept / documents, digits)
        if 0 < fraction < 1 and documents - floor(documents * (1 - fraction)) == kept:
            return fraction
    return (kept - 0.5) / documents
