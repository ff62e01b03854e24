"""`hoiquy import`: read a saved Keras model into a run folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options
from hoiquy.messages import translated

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
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="RUN",
    help="Run folder to create.",
)
@click.option(
    "--text-description", type=click.Path(path_type=Path), metavar="FILE",
    help="How a text becomes indices (default: the .text.json next to the model).",
)  # fmt: skip
@click.option(
    "--vocabulary", type=click.Path(path_type=Path), metavar="FILE",
    help="Instead: one word per line by rank, a word_index in JSON, or Tokenizer.to_json().",
)  # fmt: skip
@click.option(
    "--numbering", type=click.Choice(["imdb", "tokenizer", "tokenizer-oov", "text-vectorization"]),
    help="Index scheme of --vocabulary.  [default: detected, else imdb]",
)  # fmt: skip
@click.option(
    "--padding", type=click.Choice(["left", "right"]),
    help="Side on which short texts are padded.  [default: left; text-vectorization: right]",
)  # fmt: skip
@click.option(
    "--truncating", type=click.Choice(["left", "right"]),
    help="Side on which long texts are truncated.  [default: left; text-vectorization: right]",
)  # fmt: skip
@click.option(
    "--max-length", type=click.IntRange(min=1), metavar="N",
    help="Tokens of a text, for a model of any length.  [default: 200; masked: 1000]",
)  # fmt: skip
@click.option("--classes", metavar="A,B,…", help="Class names (with --vocabulary).")
@click.option("--multilabel", is_flag=True, help="Treat each sigmoid as a separate label.")
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
    """Import a .keras model as a run.

    MODEL is a Sequential model, or a Functional one whose layers form a single chain, of Embedding,
    Dropout, SimpleRNN, LSTM, GRU, Bidirectional, global pooling and Dense layers, optionally after
    a TextVectorization layer. Keras is not needed; no code in the file is run.
    """
    from hoiquy.errors import InputError
    from hoiquy.interop.keras.import_run import import_keras
    from hoiquy.interop.keras.text import TextOptions

    if vocabulary is not None and text_description is not None:
        raise InputError("give either --text-description or --vocabulary, not both")
    text_options = TextOptions(numbering, padding, truncating, max_length)
    run = import_keras(
        model, out, text_description=text_description, vocabulary=vocabulary,
        classes=() if classes is None else classes.split(","), text_options=text_options,
        multilabel=multilabel,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(asdict(run.result), ensure_ascii=False))
        return
    click.echo(run.summary())
    for note in run.result.changes:
        click.echo(translated(note))
    click.echo(translated(f'{out}: try hoiquy predict {out} "a text"'))
