"""`hoiquy predict`: what a network says of texts, of a file or of standard input."""

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
    from hoiquy.prediction.predictor import Predictor
    from hoiquy.training.ray.session import Spread

    Answered = tuple[list[Document], NDArray[np.float32]]

_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}


@click.command(
    cls=DashTexts,
    epilog=options.examples(
        'hoiquy predict runs/mine "a film to see twice"',
        "hoiquy predict runs/mine --file new.csv --text review --out answers.csv",
        'hoiquy predict runs/mine --explain "slow at first, then a delight"',
        "hoiquy predict runs/mine < lines.txt --format jsonl",
        "hoiquy predict runs/mine --file reviews --out answers --ray auto",
    ),
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="CSV, TSV, JSON, Parquet, Arrow or Excel; any other file holds a document a line. With "
    "--ray Parquet, or a folder of it.",
)
@options.unlabelled_table
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "jsonl", "csv", "parquet"]),
    help="By default what --out ends in, else a table.",
)
@options.ray
@options.workers
@click.option("--explain", "with_trace", is_flag=True, help="Show what each word did.")
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
    """Say which class each TEXT belongs to, with the probability of each class, as the network in
    the folder RUN reads it.

    Without TEXT and --file, standard input is read, one document a line. Files are read and
    written in pieces: they may be larger than memory.
    """
    from hoiquy.cli.prediction_output import opened
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.data.source import trained_options
    from hoiquy.data.tables.remembered_columns import remembered
    from hoiquy.prediction.predictor import load_predictor
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
        raise click.UsageError("--explain goes to the terminal, or with --format jsonl to a pipe")
    with TrainingProgress(quiet) as progress:
        saved = load_run(run)
        predictor = load_predictor(saved)
        if file is not None:
            table = remembered(file, table, trained_options(saved.environment()), progress.say)
        chunks = _not_empty(_chunks(texts, file, table, progress), file)
        finish_compiling(progress)  # kernels that are compiled are loaded when they are called
        if with_trace:
            _explain(predictor, chunks, kind, lang)
            return
        show = file is not None and not (out is None and sys.stdout.isatty())
        # Standard input may come slowly: a thread that waits for it could not be stopped.
        answers = _answers_ahead if file is not None else _answers
        with (
            opened(kind, out, predictor.classes, predictor.multilabel) as writer,
            answers(predictor, chunks) as found,
        ):
            _write(writer, found, progress if show else None)
        _note_sigmoids(predictor, kind, lang, quiet)


def _note_sigmoids(predictor: "Predictor", kind: str, lang: "Lang", quiet: bool) -> None:
    """Below a table that shows every class: why its percentages do not add up to 100."""
    from hoiquy.cli.prediction_output import MOST_SHOWN
    from hoiquy.messages import text

    shown = kind == "table" and len(predictor.classes) <= MOST_SHOWN
    output = predictor.model.output
    if shown and not quiet and not output.adds_up:
        key = "predict.several" if output.multilabel else "predict.sigmoids"
        click.echo(text(key, lang), err=True)


def _write(
    writer: "Writer", found: "Iterator[Answered]", progress: "TrainingProgress | None"
) -> None:
    done = 0
    for documents, probabilities in found:
        writer.write(documents, probabilities)
        done += len(documents)
        if progress is not None:
            _tell(progress, done)


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
    """Raises UsageError for what only one process does."""
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.prediction.on_ray import predict_on_ray
    from hoiquy.runs.folder import load_run
    from hoiquy.training.kernel_compilation import finish_compiling

    if file is None or out is None or with_trace:
        raise click.UsageError("--ray answers --file, Parquet or a folder of it, into --out")
    if kind in ("jsonl", "csv") or (kind == "table" and file.is_file()):
        raise click.UsageError("--ray writes Parquet: say --out FILE.parquet, or --format parquet")
    with TrainingProgress(quiet) as progress:
        finish_compiling(progress)  # or each worker would compile
        predict_on_ray(load_run(run), file, out, table, spread, progress.say, progress)


def _checked(
    texts: Sequence[str], file: Path | None, text: str | None, out: Path | None, kind: str | None
) -> str:
    """The format of the output. Raises UsageError for what does not go together."""
    if texts and file is not None:
        raise click.UsageError("give either TEXT or --file, not both")
    if text is not None and file is None:
        raise click.UsageError("--text names a column of a table: say which with --file")
    kind = kind or (_SUFFIXES.get(out.suffix.lower(), "table") if out is not None else "table")
    if kind == "parquet" and out is None:
        raise click.UsageError("a Parquet file needs a name: say --out FILE")
    if out is not None and file is not None and out.resolve() == file.resolve():
        raise click.UsageError(f"{out} is the file that is read: choose another --out")
    return kind


def _chunks(
    texts: Sequence[str], file: Path | None, table: "TableOptions", progress: "TrainingProgress"
) -> "Iterator[list[Document]]":
    from hoiquy.data.unlabelled.rows import Document, in_chunks, lines_of, read_documents

    if texts:
        return in_chunks(Document(number, text) for number, text in enumerate(texts, start=1))
    if file is not None:
        return in_chunks(read_documents(file, table, progress.say))
    lines = lines_of(cast("BufferedReader", sys.stdin.buffer), table.encoding, "standard input")
    # Who types wants an answer after each line.
    return in_chunks(lines, 1) if sys.stdin.isatty() else in_chunks(lines)


def _not_empty(chunks: "Iterator[list[Document]]", file: Path | None) -> "Iterator[list[Document]]":
    """The same chunks, once the first is read. Raises DataError if there is none."""
    from hoiquy.errors import DataError

    first = next(chunks, None)
    if first is None:
        raise DataError(f"{file or 'standard input'} holds no document")
    return chain([first], chunks)


def _explain(
    predictor: "Predictor", chunks: "Iterator[list[Document]]", kind: str, lang: "Lang"
) -> None:
    from hoiquy.cli.trace_output import echo_trace, print_trace
    from hoiquy.prediction.explain import explain

    between = False
    for documents in chunks:
        for document in documents:
            trace = explain(predictor, document.text)
            if kind == "jsonl":
                echo_trace(document, trace)
                continue
            if between:
                click.echo()
            print_trace(trace, lang)
            between = True


@contextmanager
def _answers(
    predictor: "Predictor", chunks: "Iterator[list[Document]]"
) -> "Iterator[Iterator[Answered]]":
    """The documents of each chunk with their probabilities."""
    yield ((some, predictor.probabilities([d.text for d in some])) for some in chunks)


@contextmanager
def _answers_ahead(
    predictor: "Predictor", chunks: "Iterator[list[Document]]"
) -> "Iterator[Iterator[Answered]]":
    """As `_answers`; while some are written, the next are computed and those after them read."""
    from hoiquy.system.prefetch import ahead

    vocabulary = predictor.vocabulary
    encoded = ((some, vocabulary.encode_all([d.text for d in some])) for some in chunks)
    with ahead(encoded, "read") as ready:
        answered = ((some, predictor.probabilities_of(indices)) for some, indices in ready)
        with ahead(answered, "predict") as found:
            yield found


def _tell(progress: "TrainingProgress", done: int) -> None:
    from hoiquy.events import Preparing

    progress(Preparing("reading", "predicting", done))
