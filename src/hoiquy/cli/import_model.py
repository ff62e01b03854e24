"""`hoiquy import`: a model that Keras saved, as a run."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from hoiquy.cli import options


@click.command(
    "import",
    epilog=options.examples(
        "hoiquy import model.keras --out runs/imported",
        "hoiquy import mine.keras --vocabulary words.txt --classes neg,pos --out runs/imported",
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
    help="Instead: a word a line by rank, numbered and padded as Keras' IMDB data.",
)  # fmt: skip
@click.option("--classes", metavar="A,B,…", help="Names of the classes, with --vocabulary.")
@click.option(
    "--multilabel", is_flag=True, help="Each sigmoid is a label of its own: several, or none."
)
@options.as_json
def import_model(
    model: Path,
    out: Path,
    text_description: Path | None,
    vocabulary: Path | None,
    classes: str | None,
    multilabel: bool,
    as_json: bool,
) -> None:
    """Read MODEL, a .keras file, into the folder of a run.

    A Sequential model, or a straight line of Embedding, Dropout, SimpleRNN, LSTM, GRU,
    Bidirectional, global pooling and Dense. Needs h5py, not Keras; nothing in the file is run.
    """
    from hoiquy.errors import InputError
    from hoiquy.interop.keras_import import import_keras

    if vocabulary is not None and text_description is not None:
        raise InputError("--text-description and --vocabulary: give one of them")
    if classes is not None and vocabulary is None:
        raise InputError("--classes goes with --vocabulary: a text description names the classes")
    run = import_keras(
        model, out, text_description=text_description, vocabulary=vocabulary,
        classes=() if classes is None else classes.split(","), multilabel=multilabel,
        command=["hoiquy", *sys.argv[1:]],
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(asdict(run.result), ensure_ascii=False))
        return
    click.echo(run.summary())
    for note in run.result.changes:
        click.echo(note)
    click.echo(f'{out}: try hoiquy predict {out} "a text"')
