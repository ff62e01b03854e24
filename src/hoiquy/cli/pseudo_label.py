"""`hoiquy pseudo-label`: label texts with teacher models, to train on."""

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.data import TableOptions
    from hoiquy.messages import Lang
    from hoiquy.workflows.distillation.soft_labels import SoftLabelFacts


@click.command(
    epilog=options.examples(
        "hoiquy train imdb --recipe fast --out t0",
        "hoiquy pseudo-label imdb-unlabelled --with t0 --with nb-svm --out soft-labels",
        "hoiquy train imdb --recipe fast --soft-labels soft-labels --out student",
    )
)
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--with",
    "teachers",
    multiple=True,
    required=True,
    metavar="RUN|nb-svm",
    help="Teacher model: a run, or nb-svm, which is trained first; may be repeated.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to create.")
@options.moved_data
@click.option(
    "--sharpness",
    type=float,
    default=3.0,
    show_default=True,
    help="Exponent for the teachers' probabilities; above 1 sharpens them.",
)
@options.table
@options.all_rows
@options.lang
@options.as_json
@options.quiet
def pseudo_label(
    texts: tuple[str, ...],
    teachers: tuple[str, ...],
    out: Path,
    data: str | None,
    sharpness: float,
    table: "TableOptions",
    all_rows: bool,
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Label TEXT with teacher models.

    `hoiquy train --soft-labels` trains on the result. TEXT is as for `hoiquy pretrain`; texts that
    also occur in the teachers' labelled data are left out. The teachers, runs on one data set and
    nb-svm, are weighted by their likelihood on the validation documents, on which none was trained.

    Ctrl-C stops and leaves nothing.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.stopping import nothing_kept
    from hoiquy.runs.command_line import command_line
    from hoiquy.workflows.distillation.pseudo_label import pseudo_label as label_texts

    command = shlex.join(command_line())
    with TrainingProgress(quiet, lang) as progress, nothing_kept(command):
        soft_labels = label_texts(
            list(texts), list(teachers), out, data=data, all_rows=all_rows, sharpness=sharpness,
            options=table,
            on_event=progress,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(asdict(soft_labels.facts), ensure_ascii=False))
        return
    _print_teachers(soft_labels.facts, lang)
    click.echo(_say("done", lang, documents=soft_labels.facts.documents, folder=str(out)))


def _print_teachers(facts: "SoftLabelFacts", lang: "Lang") -> None:
    from rich.markup import escape
    from rich.table import Table

    from hoiquy.cli.console import table_console
    from hoiquy.messages import format_number

    table = Table(_say("teacher", lang))
    for column in ("weight", "accuracy", "loss"):
        table.add_column(_say(column, lang), justify="right")
    rows = [
        (escape(teacher.name), format_number(teacher.weight, "decimal4", lang), teacher.validation)
        for teacher in facts.teachers
    ]
    for name, weight, measures in [*rows, (_say("together", lang), "", facts.together)]:
        accuracy = format_number(measures.accuracy, "percent2", lang)
        table.add_row(name, weight, accuracy, format_number(measures.loss, "decimal4", lang))
    table_console().print(table)


def _say(key: str, lang: "Lang", **values: object) -> str:
    from hoiquy.messages import text

    return text(f"pseudo_label.{key}", lang, **values)
