"""Print the evaluation of several labels a document."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hoiquy.nn.metrics import MultilabelEvaluation

if TYPE_CHECKING:
    from hoiquy.messages import Lang

_COLUMNS = {
    "documents": "integer", "predicted": "integer", "precision": "percent2", "recall": "percent2",
    "f1": "decimal4", "roc_auc": "decimal4",
}  # fmt: skip


def print_multilabel(
    evaluation: MultilabelEvaluation, loss: float, classes: Sequence[str], lang: "Lang"
) -> None:
    """Print the measures and those of each label."""
    from hoiquy.cli.evaluation_table import UNDEFINED, measures_table, print_tables, scores_table

    measures = {
        "micro_f1": (evaluation.micro_f1, 1),
        "macro_f1_labels": (evaluation.macro_f1, 1),
        "hamming_loss": (evaluation.hamming_loss, 0),
        "roc_auc": (evaluation.roc_auc, 1),
        "loss": (loss, 0),
        "log_loss": (evaluation.log_loss, 0),
        "brier": (evaluation.brier, 0),
    }
    tables = {
        "measures": measures_table(measures, UNDEFINED, lang),
        "labels": scores_table("label", _COLUMNS, classes, evaluation.per_label, lang),
    }
    print_tables(tables, lang)
