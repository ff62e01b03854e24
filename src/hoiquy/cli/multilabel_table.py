"""Print the evaluation of several labels a document."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hoiquy.nn.metrics import MultilabelEvaluation

if TYPE_CHECKING:
    from rich.table import Table

    from hoiquy.messages import Lang


_UNDEFINED = "–"


def print_multilabel(
    evaluation: MultilabelEvaluation, loss: float, classes: Sequence[str], lang: "Lang"
) -> None:
    """Print the measures and those of each label."""
    from hoiquy.cli.evaluation_table import measures_table, print_tables

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
        "measures": measures_table(measures, _UNDEFINED, lang),
        "labels": _per_label(evaluation, classes, lang),
    }
    print_tables(tables, lang)


def _per_label(evaluation: MultilabelEvaluation, classes: Sequence[str], lang: "Lang") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    from hoiquy.messages import format_number, text

    table = Table(text("evaluation.label", lang))
    for column in ("documents", "predicted", "precision", "recall", "f1"):
        table.add_column(text(f"evaluation.{column}", lang), justify="right")
    table.add_column("ROC-AUC", justify="right")
    for name, scores in zip(classes, evaluation.per_label, strict=True):
        table.add_row(
            escape(name),
            format_number(scores.documents, "integer", lang),
            format_number(scores.predicted, "integer", lang),
            format_number(scores.precision, "percent2", lang),
            format_number(scores.recall, "percent2", lang),
            format_number(scores.f1, "decimal4", lang),
            _UNDEFINED
            if scores.roc_auc is None
            else format_number(scores.roc_auc, "decimal4", lang),
        )
    return table
