"""`hoiquy import`: a model that Keras saved, as a run."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.text import Numbering, Side


@click.command(
    "import",
    epilog=options.examples(
        "hoiquy import model.keras --out runs/imported",
        "hoiquy import mine.keras --vocabulary words.txt --classes neg,pos --out runs/imported",
        "hoiquy import mine.keras --vocabulary tokenizer.json --padding right --out runs/imported",
    ),
)
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="RUN", help="A new run folder."
)
@click.option(
    "--text-description", type=click.Path(path_type=Path), metavar="FILE",
    help="How a text becomes indices; by default the model's .text.json beside it.",
)  # fmt: skip
@click.option(
    "--vocabulary", type=click.Path(path_type=Path), metavar="FILE",
    help="Instead: a word a line by rank, a word_index in JSON, or Tokenizer.to_json().",
)  # fmt: skip
@click.option(
    "--numbering", type=click.Choice(["imdb", "tokenizer", "tokenizer-oov", "text-vectorization"]),
    help="How the words of --vocabulary are numbered.  [default: as the file shows, else imdb]",
)  # fmt: skip
@click.option(
    "--padding", type=click.Choice(["left", "right"]),
    help="The side that short documents are padded on.  [default: left; text-vectorization: right]",
)  # fmt: skip
@click.option(
    "--truncating", type=click.Choice(["left", "right"]),
    help="The side that long documents are cut on.  [default: left; text-vectorization: right]",
)  # fmt: skip
@click.option(
    "--max-length", type=click.IntRange(min=1), metavar="N",
    help="Indices of a document, for a model that takes any length.  [default: 200; masked: 1000]",
)  # fmt: skip
@click.option("--classes", metavar="A,B,…", help="Names of the classes, without a description.")
@click.option(
    "--multilabel", is_flag=True, help="Each sigmoid is a separate label: several, or none."
)
@options.as_json
def import_model(
    model: Path,
    out: Path,
    text_description: Path | None,
    vocabulary: Path | None,
    numbering: "Numbering | None",
    padding: "Side | None",
    truncating: "Side | None",
    max_length: int | None,
    classes: str | None,
    multilabel: bool,
    as_json: bool,
) -> None:
    """Read MODEL, a .keras file, into the folder of a run.

    A Sequential model, or a straight line of Embedding, Dropout, SimpleRNN, LSTM, GRU,
    Bidirectional, global pooling and Dense, also behind TextVectorization. Needs h5py, not Keras;
    nothing in the file is run.
    """
    from hoiquy.errors import InputError
    from hoiquy.interop.keras.import_run import import_keras
    from hoiquy.interop.keras.text import Reading

    if vocabulary is not None and text_description is not None:
        raise InputError("--text-description and --vocabulary: give one of them")
    reading = Reading(numbering, padding, truncating, max_length)
    run = import_keras(
        model, out, text_description=text_description, vocabulary=vocabulary,
        classes=() if classes is None else classes.split(","), reading=reading,
        multilabel=multilabel,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(asdict(run.result), ensure_ascii=False))
        return
    click.echo(run.summary())
    for note in run.result.changes:
        click.echo(note)
    click.echo(f'{out}: try hoiquy predict {out} "a text"')
