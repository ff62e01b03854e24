"""Evaluate a run on labelled documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.callbacks.notebook import default_listener
from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.data import Dataset, TableOptions, load_dataset
from hoiquy.data.in_memory import load_whole_object
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS
from hoiquy.data.part_names import chosen_parts
from hoiquy.data.source import trained_options
from hoiquy.data.tables.dataset import load_whole_table
from hoiquy.data.tables.formats import is_table
from hoiquy.data.tables.run_options import with_run_options
from hoiquy.events import Listener, reading
from hoiquy.nn.metrics import (
    Evaluation,
    MultilabelEvaluation,
    correct_predictions,
    evaluate_multilabel,
)
from hoiquy.nn.metrics import evaluate as evaluate_one_label
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.folder import Run, load_run
from hoiquy.training.kernel_compilation import finish_compiling, start_compiling


@dataclass(frozen=True, eq=False)
class Measures:
    """How well a run predicts the labels of a data set.

    Attributes:
        data: Name of the data set.
        description: What was read of it, in one line.
        official_test: Whether these are the official test documents of the data set.
        classes: Class names.
        multilabel: Whether a document may have any number of labels.
        accuracy: Share of correct documents; of several labels, all must be correct.
        accuracy_low: Lower end of its 95% interval.
        accuracy_high: Upper end of its 95% interval.
        loss: Mean loss that the recipe trains with.
        details: F1, log loss, calibration, and the measures of each class or label.
    """

    data: str
    description: str
    official_test: bool
    classes: tuple[str, ...]
    multilabel: bool
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    loss: float
    details: Evaluation | MultilabelEvaluation

    def to_json(self) -> dict[str, Any]:
        """Return all measures as JSON values, as `hoiquy evaluate --json` prints them."""
        return self.details.to_json() | {
            "multilabel": self.multilabel,
            "accuracy": self.accuracy,
            "accuracy_low": self.accuracy_low,
            "accuracy_high": self.accuracy_high,
            "loss": self.loss,
            "classes": list(self.classes),
            "data": self.data,
            "official_test": self.official_test,
        }


def evaluate(
    run: str | Path | Run,
    data: Any,
    *,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    on_event: Listener | None = None,
    on_note: Callable[[str], None] = lambda note: None,
) -> Measures:
    """Score a run on test documents.

    Args:
        run: A run, or the path of its folder.
        data: A table, DataFrame or list of (text, label) pairs: all rows are scored. Of a data set
            with parts (a name, a folder, a mapping with "train"), the test documents are.
        options: How a table is read; by default as the table that the run was trained on.
        on_event: Called with each event; by default a notebook shows the progress.
        on_note: Called with lines for people, such as that the run was trained on these rows.

    Raises:
        DataError: The data cannot be read, or has other classes than the run.
        RunError: The folder is not a run, or the run is damaged or unfinished.
    """
    loaded = run if isinstance(run, Run) else load_run(run)
    listener = on_event or default_listener()
    start_compiling(listener)
    predictor = load_predictor(loaded)
    dataset = load_test_documents(loaded, data, options, listener, on_note)
    finish_compiling(listener)
    scores, labels = predictor.score(dataset)
    measure: Any = evaluate_multilabel if predictor.multilabel else evaluate_one_label
    details = measure(labels, scores.probabilities)
    correct = int(correct_predictions(labels, scores.probabilities).sum())
    low, high = accuracy_interval(correct, details.documents)
    return Measures(
        dataset.name, dataset.description, dataset.official_test, dataset.classes,
        predictor.multilabel, scores.accuracy, low, high, scores.loss, details,
    )  # fmt: skip


def load_test_documents(
    run: Run, data: Any, options: TableOptions, listener: Listener, on_note: Callable[[str], None]
) -> Dataset:
    """Load a table or an object as test documents only, anything else with its parts."""
    classes, multilabel = tuple(run.result.classes), run.result.multilabel
    if isinstance(data, Dataset):
        return data
    if not isinstance(data, str | Path):
        if isinstance(data, Mapping) and "train" in chosen_parts(map(str, data)).chosen:
            return load_dataset(data, options=options)
        return load_whole_object(data, classes, options, multilabel)
    path = Path(data).expanduser()
    if not is_table(path):
        return load_dataset(data, reading(listener), options=options)
    environment = run.environment()
    options = with_run_options(path, options, trained_options(environment), on_note, labelled=True)
    dataset = load_whole_table(path, classes, options, reading(listener), multilabel)
    if str(path.resolve()) == environment.get("data_source"):
        tested = run.result.test_accuracy  # None for a trial of a search
        accuracy = "was not scored" if tested is None else f"scored {tested:.2%}"
        on_note(f"{data}: score is inflated (training rows included); the test split {accuracy}")
    return dataset
