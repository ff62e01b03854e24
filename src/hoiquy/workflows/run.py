"""A run that predicts: what `train`, `resume`, `load_run` and others return."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data import TableOptions
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS
from hoiquy.messages import Lang, default_language
from hoiquy.prediction.load import load_predictor
from hoiquy.prediction.text_classifier import TextClassifier
from hoiquy.report.figures import write_figures
from hoiquy.report.remarks import remarks
from hoiquy.runs import folder as run_folder
from hoiquy.workflows.evaluate import Measures, evaluate
from hoiquy.workflows.run_lines import described


@dataclass(frozen=True, repr=False)
class Run(run_folder.Run):
    """The result of a training, in a folder.

    Weights and predictions are read when they are first used. Every method raises RunError if a
    file that it needs is missing or damaged.

    Attributes:
        folder: The run folder.
        recipe: The recipe that was trained; of an ensemble, `auto` as fitted to its data.
        result: `result.json`: accuracy, loss, F1, number of parameters, classes.
        history: The record of each epoch; empty for an ensemble, whose networks have one each.
    """

    def __repr__(self) -> str:
        return described(self)

    @cached_property
    def predictor(self) -> TextClassifier:
        """The network (a `Predictor`) or the ensemble in memory; loaded once."""
        return load_predictor(self)

    def predict(self, texts: Sequence[str]) -> list[str] | list[tuple[str, ...]]:
        """Predict the class of each text; see `TextClassifier.predict`.

        Args:
            texts: A list, array or Series of strings.

        Returns:
            The most probable class of each text, or a tuple of labels for each text if the run was
            trained on several labels per document.

        Raises:
            DataError: `texts` is a single string, or holds something else than strings.
        """
        return self.predictor.predict(texts)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Predict the probability of each class for each text; see `TextClassifier.predict_proba`.

        Args:
            texts: A list, array or Series of strings.

        Returns:
            Array (texts, classes), columns in the order of `result.classes`.

        Raises:
            DataError: `texts` is a single string, or holds something else than strings.
        """
        return self.predictor.predict_proba(texts)

    def evaluate(self, data: Any, *, options: TableOptions = DEFAULT_TABLE_OPTIONS) -> Measures:
        """Score the run on test documents; see `hoiquy.evaluate`.

        Args:
            data: A table, DataFrame or list of (text, label) pairs, or a data set with parts.
            options: How a table is read; by default as the table that the run was trained on.

        Raises:
            DataError: The data cannot be read, or has other classes than the run.
        """
        return evaluate(self, data, options=options)

    def remarks(self, lang: Lang | None = None) -> list[str]:
        """Remarks on the run: its settings, learning curves, accuracy and diagnostics.

        Args:
            lang: "vi" or "en"; by default that of `set_language`, else of the environment.

        Returns:
            Sentences, as the command line and reports have them.

        Raises:
            RunError: The predictions or diagnostics are damaged.
        """
        language = lang or default_language()
        return [remark.text(language) for remark in remarks(self)]

    def figures(self, out: str | Path, *, lang: Lang | None = None) -> list[Path]:
        """Draw the figures of the run as PNG and SVG.

        Learning curves of a single network, and of a complete run the confusion matrix and the
        reliability diagram.

        Args:
            out: The folder of the figures.
            lang: "vi" or "en"; by default that of `set_language`, else of the environment.

        Returns:
            The paths of the figures.

        Raises:
            WriteError: A figure cannot be written.
        """
        return write_figures([self], Path(out), lang or default_language())


def load_run(path: str | Path) -> Run:
    """Read a run folder.

    Args:
        path: The folder.

    Raises:
        RunError: The folder is not a run, or is damaged; the message names the file.
    """
    return extended(run_folder.load_run(path))


def extended(run: run_folder.Run) -> Run:
    """Return a run of `runs.folder` with the methods of this class."""
    return Run(**{field.name: getattr(run, field.name) for field in fields(run)})
