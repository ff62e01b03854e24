"""A baseline's folder: `baseline.json` (settings and cost) and `predictions.parquet`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import FiniteFloat

from hoiquy.runs.arrays import Predictions, dump_predictions, parse_predictions
from hoiquy.system.atomic_write import make_folder
from hoiquy.system.checksummed_files import read_checksummed, write_checksummed
from hoiquy.system.json_files import as_json, parse_json

FACTS, PREDICTIONS = "baseline.json", "predictions.parquet"
# Sixty training documents in Vietnamese, English or German contain 43% of the words of other
# documents, and a word of 89% of them; 6,200 Chinese reviews, split at spaces, a word of 15%.
FEWEST_WORDS, FEWEST_DOCUMENTS = 0.25, 0.5


@dataclass(frozen=True)
class BaselineFacts:
    """`baseline.json`."""

    name: str  # "majority", "tfidf-logistic" or "nb-svm"
    settings: Mapping[str, FiniteFloat | int | str]
    data: str  # the data set's name
    data_fingerprint: str
    classes: list[str]
    seconds: FiniteFloat  # counting words and fitting; predicting is not counted
    parameters: int
    # share of the words of the test documents that occur in the training documents, and share of
    # the test documents with such a word
    words_known: FiniteFloat = 1.0
    documents_known: FiniteFloat = 1.0

    @property
    def could_read(self) -> bool:
        """False if hardly any word of the test documents occurs in the training documents.

        This happens when texts without spaces are split at spaces; such a baseline is left out of
        comparisons.
        """
        return self.words_known >= FEWEST_WORDS and self.documents_known >= FEWEST_DOCUMENTS

    multilabel: bool = False  # documents may have several labels


@dataclass(frozen=True, eq=False)
class Baseline:
    """A trained baseline and its predictions on the test documents."""

    facts: BaselineFacts
    predictions: Predictions

    @property
    def name(self) -> str:
        return self.facts.name


def save_baseline(baseline: Baseline, folder: Path) -> None:
    """Write it into a folder, which may exist. Raises WriteError."""
    make_folder(folder)
    predictions = dump_predictions(baseline.predictions, baseline.facts.classes)
    write_checksummed(folder, {PREDICTIONS: predictions, FACTS: as_json(asdict(baseline.facts))})


def load_baseline(folder: Path) -> Baseline:
    """Read a baseline's folder. Raises RunError, one line that names the damaged file."""
    source = folder / FACTS
    facts = parse_json(BaselineFacts, read_checksummed(folder, FACTS), str(source))
    content = read_checksummed(folder, PREDICTIONS)
    predictions = parse_predictions(
        content, facts.classes, str(folder / PREDICTIONS), facts.multilabel
    )
    return Baseline(facts, predictions)
