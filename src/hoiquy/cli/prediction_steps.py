"""The steps of `hoiquy predict`: chunks of documents are read, encoded, predicted and written."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from io import BufferedReader

    import numpy as np
    from numpy.typing import NDArray

    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.prediction_output import Writer
    from hoiquy.cli.unread_words import UnreadWords
    from hoiquy.data import TableOptions
    from hoiquy.data.unlabelled.rows import Document
    from hoiquy.prediction.text_classifier import Documents, TextClassifier

    Predictions = tuple[list[Document], NDArray[np.float32]]


def kept_columns(
    file: Path | None,
    table: "TableOptions",
    kind: str,
    predictor: "TextClassifier",
    progress: "TrainingProgress",
) -> list[str]:
    """The columns of a file, beside the texts, that the output keeps.

    A note names those whose names the output has already. None for texts, and for the format
    "table".
    """
    if file is None or kind == "table":
        return []
    from hoiquy.data.unlabelled.rows import other_columns
    from hoiquy.prediction.table import prediction_columns

    found = other_columns(file, table)
    taken = {*prediction_columns(predictor.classes), "probabilities"}
    if left_out := [name for name in found if name in taken]:
        names = ", ".join(left_out)
        progress.say(f"{file}: not kept in the output, which has columns of these names: {names}")
    return [name for name in found if name not in taken]


def chunks_of(
    texts: Sequence[str],
    file: Path | None,
    table: "TableOptions",
    progress: "TrainingProgress",
    others: Sequence[str] = (),
) -> "Iterator[list[Document]]":
    """The documents of texts, of a file, or of standard input; others: columns to keep."""
    from hoiquy.data.unlabelled.rows import Document, in_chunks, read_documents, read_lines

    if texts:
        return in_chunks(Document(number, text) for number, text in enumerate(texts, start=1))
    if file is not None:
        return in_chunks(read_documents(file, table, progress.say, others))
    lines = read_lines(cast("BufferedReader", sys.stdin.buffer), table.encoding, "standard input")
    # At a terminal each line is predicted at once.
    return in_chunks(lines, 1) if sys.stdin.isatty() else in_chunks(lines)


def not_empty(chunks: "Iterator[list[Document]]", file: Path | None) -> "Iterator[list[Document]]":
    """Return the same chunks. Raises DataError if there is none."""
    from hoiquy.errors import DataError

    first = next(chunks, None)
    if first is None:
        raise DataError(f"{file or 'standard input'} has no texts")
    return chain([first], chunks)


@contextmanager
def predicted_in_turn(
    predictor: "TextClassifier",
    chunks: "Iterator[list[Document]]",
    unread: "UnreadWords | None",
) -> "Iterator[Iterator[Predictions]]":
    """Yield an iterator over each chunk's documents and their probabilities."""
    encoded = _encoded(predictor, chunks, unread)
    yield ((chunk, predictor.probabilities(texts)) for chunk, texts in encoded)


@contextmanager
def prefetched(
    predictor: "TextClassifier",
    chunks: "Iterator[list[Document]]",
    unread: "UnreadWords | None",
) -> "Iterator[Iterator[Predictions]]":
    """Do as `predicted_in_turn`, but read, predict and write three successive chunks at once."""
    from hoiquy.system.prefetch import prefetch

    with prefetch(_encoded(predictor, chunks, unread), "read") as ready:
        predicted = ((chunk, predictor.probabilities(texts)) for chunk, texts in ready)
        with prefetch(predicted, "predict") as predictions:
            yield predictions


def _encoded(
    predictor: "TextClassifier",
    chunks: "Iterator[list[Document]]",
    unread: "UnreadWords | None",
) -> "Iterator[tuple[list[Document], Documents]]":
    for chunk in chunks:
        texts = predictor.joined([[document.text for document in chunk]])
        if unread is not None:
            unread.add(chunk, texts)
        yield chunk, texts


def write_all(
    writer: "Writer",
    predictions: "Iterator[Predictions]",
    progress: "TrainingProgress | None",
    at_once: "UnreadWords | None",
) -> int:
    """Write all predictions, and return their number.

    at_once: what is noted after each chunk, a line at a terminal.
    """
    from hoiquy.events import Preparing

    done = 0
    for documents, probabilities in predictions:
        writer.write(documents, probabilities)
        echo_notes(at_once)
        done += len(documents)
        if progress is not None:
            progress(Preparing("predicting", done=done))
    return done


def echo_notes(unread: "UnreadWords | None") -> None:
    for note in unread.notes() if unread is not None else ():
        click.echo(note, err=True)
