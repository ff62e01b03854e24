"""Print the evaluation of one label a document."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hoiquy.nn.metrics import Evaluation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from hoiquy.messages import Lang

UNDEFINED = "–"
_WIDEST_CONFUSION = 12  # classes
_COLUMNS = {
    "documents": "integer", "precision": "percent2", "recall": "percent2", "f1": "decimal4",
}  # fmt: skip


def print_evaluation(
    evaluation: Evaluation, loss: float, classes: Sequence[str], lang: "Lang"
) -> None:
    """Print the measures, those of each class, and the confusion matrix."""
    from hoiquy.messages import text

    tables = {
        "measures": _measures(evaluation, loss, lang),
        "classes": scores_table("class", _COLUMNS, classes, evaluation.per_class, lang),
    }
    if len(classes) <= _WIDEST_CONFUSION:
        tables["confusion"] = _confusion(evaluation, classes, lang)
    console = print_tables(tables, lang)
    if "confusion" not in tables:
        console.print(text("evaluation.confusion_too_wide", lang, classes=len(classes)))


def print_tables(tables: "Mapping[str, Table]", lang: "Lang") -> "Console":
    """Print tables by the message keys of their titles; returns the console."""
    from hoiquy.cli.console import table_console
    from hoiquy.messages import text

    console = table_console()
    for title, table in tables.items():
        console.print(f"\n[bold]{text(f'evaluation.{title}', lang)}[/bold]")
        console.print(table)
    return console


def measures_table(
    measures: Mapping[str, tuple[float | None, int]], undefined: str, lang: "Lang"
) -> "Table":
    """Return a table with one row per measure: its value, and its best possible value.

    measures: (value, best) by message key. undefined: shown for None.
    """
    from rich.table import Table

    from hoiquy.messages import format_number, text

    table = Table(text("evaluation.measure", lang))
    for column in ("value", "best"):
        table.add_column(text(f"evaluation.{column}", lang), justify="right")
    for key, (value, best) in measures.items():
        shown = undefined if value is None else format_number(value, "decimal4", lang)
        table.add_row(text(f"evaluation.{key}", lang), shown, str(best))
    return table


def scores_table(
    heading: str, columns: Mapping[str, str], classes: Sequence[str], scores: Sequence[Any],
    lang: "Lang",
) -> "Table":  # fmt: skip
    """Return a table with one row per class.

    columns: number styles by the attributes of `scores`, which are also message keys.
    """
    from rich.markup import escape
    from rich.table import Table

    from hoiquy.messages import format_number, text

    table = Table(text(f"evaluation.{heading}", lang))
    for column in columns:
        title = "ROC-AUC" if column == "roc_auc" else text(f"evaluation.{column}", lang)
        table.add_column(title, justify="right")
    for name, row in zip(classes, scores, strict=True):
        values = [(getattr(row, column), style) for column, style in columns.items()]
        cells = [UNDEFINED if v is None else format_number(v, style, lang) for v, style in values]
        table.add_row(escape(name), *cells)
    return table


def _measures(evaluation: Evaluation, loss: float, lang: "Lang") -> "Table":
    from hoiquy.messages import text

    measures = {
        "macro_f1": (evaluation.macro_f1, 1),
        "roc_auc": (evaluation.roc_auc, 1),
        "loss": (loss, 0),
        "log_loss": (evaluation.log_loss, 0),
        "brier": (evaluation.brier, 0),
        "calibration_error": (evaluation.expected_calibration_error, 0),
    }
    return measures_table(measures, text("evaluation.roc_auc_undefined", lang), lang)


def _confusion(evaluation: Evaluation, classes: Sequence[str], lang: "Lang") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    from hoiquy.messages import format_number, text

    table = Table(text("evaluation.label_and_answer", lang))
    for name in classes:
        table.add_column(escape(name), justify="right")
    for name, row in zip(classes, evaluation.confusion.tolist(), strict=True):
        table.add_row(escape(name), *(format_number(count, "integer", lang) for count in row))
    return table
