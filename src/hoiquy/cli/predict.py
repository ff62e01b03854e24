"""`hoiquy predict`: predict texts, a file or standard input."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options
from hoiquy.cli.dash_texts import DashTexts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.unread_words import UnreadWords
    from hoiquy.data import TableOptions
    from hoiquy.data.unlabelled.rows import Document
    from hoiquy.messages import Lang
    from hoiquy.prediction.text_classifier import TextClassifier
    from hoiquy.runs.folder import Run
    from hoiquy.training.ray.session import Spread

    Predictions = tuple[list[Document], NDArray[np.float32]]

_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}


@click.command(
    cls=DashTexts,
    epilog=options.examples(
        'hoiquy predict runs/mine "a film to see twice"',
        "hoiquy predict runs/mine new.csv --text review --out predictions.csv",
        'hoiquy predict runs/mine --explain "slow at first, then a delight"',
        "hoiquy predict runs/mine - < lines.txt",
        "hoiquy predict runs/mine --file reviews --out predictions --ray auto",
    ),
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("texts", nargs=-1, metavar="[TEXT…|FILE|-]")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="CSV, TSV, JSON, Parquet, Arrow or Excel; any other file has one text per line. With "
    "--ray: a Parquet file, or a folder of them.",
)
@options.unlabelled_table
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Output file, which keeps the other columns of a table, or folder with --ray, which does "
    "not (default: standard output).",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "jsonl", "csv", "parquet"]),
    help="Output format (default: by the suffix of --out, else table).",
)
@options.ray
@options.workers
@click.option(
    "--explain", "with_trace", is_flag=True, help="Show how each word changed the prediction."
)
@options.lang
@options.quiet
def predict(
    run: Path,
    texts: tuple[str, ...],
    file: Path | None,
    table: "TableOptions",
    out: Path | None,
    kind: str | None,
    ray: str | None,
    workers: int | None,
    with_trace: bool,
    lang: "Lang",
    quiet: bool,
) -> None:
    """Predict the class of texts, a file or standard input.

    RUN is a run folder. The output has the predicted class of each TEXT and the probability of each
    class. A single TEXT that names a file is that file; after -- it is a text. With - or
    without TEXT, standard input is read, one text per line. Files may be larger than memory.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli import prediction_steps as steps
    from hoiquy.cli.prediction_output import opened
    from hoiquy.cli.text_arguments import inputs_of
    from hoiquy.cli.unread_words import UnreadWords
    from hoiquy.prediction.load import load_predictor
    from hoiquy.runs.folder import load_run
    from hoiquy.training.kernel_compilation import finish_compiling
    from hoiquy.training.ray.session import Spread

    options.check_workers(ray, workers)
    texts, file = inputs_of(run, texts, file, lang, quiet)
    kind = _checked(texts, file, table.text, out, kind)
    spread = Spread.from_options(ray, workers)
    if spread is not None:
        _predict_on_ray(run, file, out, kind, table, spread, with_trace, quiet)
        return
    _check_trace(with_trace, out, kind)
    with TrainingProgress(quiet, lang) as progress:
        saved = load_run(run)
        predictor = load_predictor(saved)
        _note_interruption(saved, lang, quiet)
        table = _as_trained(file, table, saved, progress)
        others = steps.kept_columns(file, table, kind, predictor, progress)
        unread = None if quiet else UnreadWords(predictor, lang, of_lines=not texts)
        at_once = unread if not texts and file is None and sys.stdin.isatty() else None
        chunks = steps.not_empty(steps.chunks_of(texts, file, table, progress, others), file)
        finish_compiling(progress)
        if with_trace:
            _explain(predictor, chunks, kind, lang, unread)
            return
        show = file is not None and (out is not None or not sys.stdout.isatty())
        # A thread blocked on standard input could not be stopped, so only files are prefetched.
        predictions = steps.prefetched if file is not None else steps.predicted_in_turn
        with (
            opened(kind, out, predictor.classes, predictor.multilabel, others) as writer,
            predictions(predictor, chunks, unread) as predicted,
        ):
            documents = steps.write_all(writer, predicted, progress if show else None, at_once)
        steps.echo_notes(unread)
        _note_results(predictor, kind, out, documents, lang, quiet)


def _check_trace(with_trace: bool, out: Path | None, kind: str) -> None:
    if with_trace and (out is not None or kind not in ("table", "jsonl")):
        raise click.UsageError("--explain prints a table or, with --format jsonl, JSON lines")


def _as_trained(
    file: Path | None, table: "TableOptions", run: "Run", progress: "TrainingProgress"
) -> "TableOptions":
    """The options of a table, by default those of the run's own."""
    if file is None:
        return table
    from hoiquy.data.source import trained_options
    from hoiquy.data.tables.run_options import with_run_options

    return with_run_options(file, table, trained_options(run.environment()), progress.say)


def _note_interruption(run: "Run", lang: "Lang", quiet: bool) -> None:
    """Say what an interrupted run predicts with; an ensemble is one of the models so far."""
    from hoiquy.messages import text
    from hoiquy.system.program import program

    if run.result.status != "interrupted" or quiet:
        return
    if run.result.is_ensemble:
        note = text("predict.unfinished", lang, run=run.folder, hoiquy=program())
    else:
        note = text(
            "predict.unfinished_network", lang, run=run.folder, epochs=run.result.epochs,
            planned=run.recipe.training.epochs, hoiquy=program(),
        )  # fmt: skip
    click.echo(note, err=True)


def _note_results(
    predictor: "TextClassifier",
    kind: str,
    out: Path | None,
    documents: int,
    lang: "Lang",
    quiet: bool,
) -> None:
    """Explain percentages that do not add up to 100, and name the file that was written.

    Args:
        predictor: What predicted.
        kind: The output format; only a table with all classes is explained.
        out: The file, if any.
        documents: How many were predicted.
        lang: Of the notes.
        quiet: Whether nothing is printed.
    """
    if quiet:
        return
    from hoiquy.cli.prediction_output import MOST_SHOWN
    from hoiquy.messages import text

    shown = kind == "table" and len(predictor.classes) <= MOST_SHOWN
    if shown and not predictor.sums_to_one:
        key = "predict.several" if predictor.multilabel else "predict.sigmoids"
        click.echo(text(key, lang), err=True)
    if out is not None:
        click.echo(text("predict.written", lang, out=out, documents=documents), err=True)


def _predict_on_ray(
    run: Path,
    file: Path | None,
    out: Path | None,
    kind: str,
    table: "TableOptions",
    spread: "Spread",
    with_trace: bool,
    quiet: bool,
) -> None:
    """Raises UsageError for options that do not go with --ray."""
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.prediction.on_ray import predict_on_ray
    from hoiquy.runs.folder import load_run
    from hoiquy.training.kernel_compilation import finish_compiling

    if file is None or out is None or with_trace:
        raise click.UsageError("--ray requires --file (Parquet, or a folder of it) and --out")
    if kind in ("jsonl", "csv") or (kind == "table" and file.is_file()):
        raise click.UsageError("--ray writes Parquet: give --out FILE.parquet or --format parquet")
    with TrainingProgress(quiet) as progress:
        finish_compiling(progress)  # else each worker would compile
        predict_on_ray(load_run(run), file, out, table, spread, progress.say, progress)


def _checked(
    texts: Sequence[str], file: Path | None, text: str | None, out: Path | None, kind: str | None
) -> str:
    """Return the output format. Raises UsageError for options that do not go together."""
    if texts and file is not None:
        raise click.UsageError("give either TEXT or --file, not both")
    if text is not None and file is None:
        raise click.UsageError("--text names a column of a table: give the table with --file")
    kind = kind or (_SUFFIXES.get(out.suffix.lower(), "table") if out is not None else "table")
    if kind == "parquet" and out is None:
        raise click.UsageError("--format parquet requires --out FILE")
    if out is not None and file is not None and out.resolve() == file.resolve():
        raise click.UsageError(f"{out} is the input file: choose another --out")
    return kind


def _explain(
    predictor: "TextClassifier",
    chunks: "Iterator[list[Document]]",
    kind: str,
    lang: "Lang",
    unread: "UnreadWords | None",
) -> None:
    from hoiquy.cli.prediction_steps import echo_notes
    from hoiquy.cli.trace_output import echo_trace, print_trace
    from hoiquy.prediction.explain import explain

    is_first = True
    for documents in chunks:
        for document in documents:
            trace = explain(predictor, document.text)
            if kind == "jsonl":
                echo_trace(document, trace)
                continue
            if not is_first:
                click.echo()
            print_trace(trace, lang)
            if unread is not None:
                unread.add([document], predictor.joined([[document.text]]))
                echo_notes(unread)
            is_first = False
