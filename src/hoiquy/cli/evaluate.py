"""`hoiquy evaluate`: evaluate a run on test documents or on a table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.data import TableOptions
    from hoiquy.messages import Lang
    from hoiquy.workflows.evaluate import Measures


@click.command(
    epilog=options.examples(
        "hoiquy evaluate runs/first imdb-train",
        "hoiquy evaluate runs/first rotten --json",
        "hoiquy evaluate runs/mine new-reviews.csv --text review --label stars",
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data")
@options.table
@options.lang
@options.as_json
@options.quiet
def evaluate(
    run: Path,
    data: str,
    table: "TableOptions",
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Evaluate a run on test documents or on a table.

    The network in the folder RUN is scored on the test documents of DATA, or on all rows if DATA is
    a table. Prints accuracy with its 95% interval, F1, ROC-AUC, log loss, Brier score, calibration
    error, precision and recall of each class, and the confusion matrix. With several labels a
    document: subset accuracy, micro and macro F1, Hamming loss, and the measures of each label.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.workflows.evaluate import evaluate as measure

    notes: list[str] = []
    with TrainingProgress(quiet, lang) as progress:
        measures = measure(run, data, options=table, on_event=progress, on_note=notes.append)
        for note in ([measures.description] if as_json else []) + notes:
            progress.say(note)
    if as_json:
        click.echo(json.dumps(measures.to_json(), ensure_ascii=False))
    else:
        _print(measures, lang)


def _print(measures: "Measures", lang: "Lang") -> None:
    from hoiquy.cli.evaluation_table import print_evaluation
    from hoiquy.cli.multilabel_table import print_multilabel
    from hoiquy.messages import text, translated
    from hoiquy.runs.imdb_data import is_imdb

    details: Any = measures.details
    click.echo(f"{measures.data}: {translated(measures.description, lang)}")
    figures = {"low": measures.accuracy_low, "high": measures.accuracy_high}
    kind = "subset_accuracy" if measures.multilabel else "accuracy"
    click.echo(
        text(
            f"evaluation.{kind}", lang, documents=details.documents, accuracy=measures.accuracy,
            **figures,
        )
    )  # fmt: skip
    if is_imdb(measures.data) and not measures.official_test:
        click.echo(text("evaluation.not_official", lang))
    show: Any = print_multilabel if measures.multilabel else print_evaluation
    show(details, measures.loss, measures.classes, lang)
