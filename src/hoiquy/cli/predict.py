"""`hoiquy predict`: predict texts, a file or standard input."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from hoiquy.cli import options
from hoiquy.cli.dash_texts import DashTexts

if TYPE_CHECKING:
    from io import BufferedReader

    import numpy as np
    from numpy.typing import NDArray

    from hoiquy.cli.prediction_output import Writer
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.data import TableOptions
    from hoiquy.data.unlabelled.rows import Document
    from hoiquy.messages import Lang
    from hoiquy.prediction.text_classifier import TextClassifier
    from hoiquy.training.ray.session import Spread

    Predictions = tuple[list[Document], NDArray[np.float32]]

_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}


@click.command(
    cls=DashTexts,
    epilog=options.examples(
        'hoiquy predict runs/mine "a film to see twice"',
        "hoiquy predict runs/mine --file new.csv --text review --out predictions.csv",
        'hoiquy predict runs/mine --explain "slow at first, then a delight"',
        "hoiquy predict runs/mine < lines.txt --format jsonl",
        "hoiquy predict runs/mine --file reviews --out predictions --ray auto",
    ),
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
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
    help="Output file, or folder with --ray (default: standard output).",
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
    class. Without TEXT and --file, standard input is read, one text per line. Files may be larger
    than memory.
    """
    from hoiquy.cli.prediction_output import opened
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.data.source import trained_options
    from hoiquy.data.tables.run_options import with_run_options
    from hoiquy.messages import text
    from hoiquy.prediction.load import load_predictor
    from hoiquy.runs.folder import load_run
    from hoiquy.training.kernel_compilation import finish_compiling
    from hoiquy.training.ray.session import Spread

    options.check_workers(ray, workers)
    kind = _checked(texts, file, table.text, out, kind)
    spread = Spread.from_options(ray, workers)
    if spread is not None:
        _predict_on_ray(run, file, out, kind, table, spread, with_trace, quiet)
        return
    if with_trace and (out is not None or kind not in ("table", "jsonl")):
        raise click.UsageError("--explain prints a table or, with --format jsonl, JSON lines")
    with TrainingProgress(quiet) as progress:
        saved = load_run(run)
        predictor = load_predictor(saved)
        if saved.result.status == "interrupted" and not quiet:  # an ensemble predicts even so
            click.echo(text("predict.unfinished", lang, run=run), err=True)
        if file is not None:
            table = with_run_options(
                file, table, trained_options(saved.environment()), progress.say
            )
        chunks = _not_empty(_chunks(texts, file, table, progress), file)
        finish_compiling(progress)
        if with_trace:
            _explain(predictor, chunks, kind, lang)
            return
        show = file is not None and not (out is None and sys.stdout.isatty())
        # A thread blocked on standard input could not be stopped, so only files are prefetched.
        predictions = _prefetched_predictions if file is not None else _predictions
        with (
            opened(kind, out, predictor.classes, predictor.multilabel) as writer,
            predictions(predictor, chunks) as predicted,
        ):
            _write(writer, predicted, progress if show else None)
        _note_sigmoids(predictor, kind, lang, quiet)


def _note_sigmoids(predictor: "TextClassifier", kind: str, lang: "Lang", quiet: bool) -> None:
    """Explain below a table with all classes why its percentages do not add up to 100."""
    from hoiquy.cli.prediction_output import MOST_SHOWN
    from hoiquy.messages import text

    shown = kind == "table" and len(predictor.classes) <= MOST_SHOWN
    if shown and not quiet and not predictor.sums_to_one:
        key = "predict.several" if predictor.multilabel else "predict.sigmoids"
        click.echo(text(key, lang), err=True)


def _write(
    writer: "Writer", predictions: "Iterator[Predictions]", progress: "TrainingProgress | None"
) -> None:
    from hoiquy.events import Preparing

    done = 0
    for documents, probabilities in predictions:
        writer.write(documents, probabilities)
        done += len(documents)
        if progress is not None:
            progress(Preparing("reading", "predicting", done))


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
    from hoiquy.cli.progress import TrainingProgress
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


def _chunks(
    texts: Sequence[str], file: Path | None, table: "TableOptions", progress: "TrainingProgress"
) -> "Iterator[list[Document]]":
    from hoiquy.data.unlabelled.rows import Document, in_chunks, read_documents, read_lines

    if texts:
        return in_chunks(Document(number, text) for number, text in enumerate(texts, start=1))
    if file is not None:
        return in_chunks(read_documents(file, table, progress.say))
    lines = read_lines(cast("BufferedReader", sys.stdin.buffer), table.encoding, "standard input")
    # At a terminal each line is predicted at once.
    return in_chunks(lines, 1) if sys.stdin.isatty() else in_chunks(lines)


def _not_empty(chunks: "Iterator[list[Document]]", file: Path | None) -> "Iterator[list[Document]]":
    """Return the same chunks. Raises DataError if there is none."""
    from hoiquy.errors import DataError

    first = next(chunks, None)
    if first is None:
        raise DataError(f"{file or 'standard input'} has no texts")
    return chain([first], chunks)


def _explain(
    predictor: "TextClassifier", chunks: "Iterator[list[Document]]", kind: str, lang: "Lang"
) -> None:
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
            is_first = False


@contextmanager
def _predictions(
    predictor: "TextClassifier", chunks: "Iterator[list[Document]]"
) -> "Iterator[Iterator[Predictions]]":
    """Yield an iterator over each chunk's documents and their probabilities."""
    yield ((chunk, predictor.predict_proba([d.text for d in chunk])) for chunk in chunks)


@contextmanager
def _prefetched_predictions(
    predictor: "TextClassifier", chunks: "Iterator[list[Document]]"
) -> "Iterator[Iterator[Predictions]]":
    """Do as `_predictions`, but read, predict and write three successive chunks at once."""
    from hoiquy.system.prefetch import prefetch

    encoded = ((chunk, predictor.joined([[d.text for d in chunk]])) for chunk in chunks)
    with prefetch(encoded, "read") as ready:
        predicted = ((chunk, predictor.probabilities(texts)) for chunk, texts in ready)
        with prefetch(predicted, "predict") as predictions:
            yield predictions
