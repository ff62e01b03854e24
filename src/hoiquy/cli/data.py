"""`hoiquy data`: list, download or describe data sets."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options
from hoiquy.messages import translated

if TYPE_CHECKING:
    from hoiquy.data import TableOptions

_WORDS = ("description", "multilabel")  # facts that hoiquy puts into words


@click.group()
def data() -> None:
    """List, download or describe data sets."""


@data.command("list", epilog=options.examples("hoiquy data list"))
@options.as_json
def list_(as_json: bool) -> None:
    """List the data sets known by name."""
    from hoiquy.data import list_datasets

    known = {dataset.name: dataset.description for dataset in list_datasets()}
    if as_json:
        click.echo(json.dumps(known, ensure_ascii=False))
        return
    for name, description in known.items():
        click.echo(f"{name:12} {translated(description)}")


@data.command(epilog=options.examples("hoiquy data fetch imdb"))
@click.argument("name")
@options.quiet
def fetch(name: str, quiet: bool) -> None:
    """Download a data set and print its path."""
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.data import fetch as fetch_dataset
    from hoiquy.events import reading

    with TrainingProgress(quiet) as progress:
        path = fetch_dataset(name, reading(progress))
    click.echo(path)


@data.command(
    epilog=options.examples("hoiquy data info imdb-train", "hoiquy data info mine.csv --header no")
)
@click.argument("name")
@options.table
@options.as_json
@options.quiet
def info(
    name: str,
    table: "TableOptions",
    as_json: bool,
    quiet: bool,
) -> None:
    """Describe a data set: classes, documents and fingerprint.

    NAME is a data set's name, a table, a folder or an archive, as for `hoiquy train`.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.data import load_dataset
    from hoiquy.events import reading

    with TrainingProgress(quiet) as progress:
        dataset = load_dataset(name, reading(progress), options=table)
    facts = {
        "name": dataset.name,
        "description": dataset.description,
        "classes": list(dataset.classes),
        "official_test": dataset.official_test,
        "fingerprint": dataset.fingerprint(),
    }
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    for split, documents in parts.items():
        if documents is None:
            continue
        counts = documents.class_counts(len(dataset.classes)).tolist()
        facts[split] = dict(zip(dataset.classes, counts, strict=True))
    if dataset.multilabel:
        labels = dataset.train.labels
        facts["multilabel"] = {
            "labels per training document": round(float(labels.sum(axis=1).mean()), 2),
            "training documents without a label": int((~labels.any(axis=1)).sum()),
        }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for key, value in facts.items():
        click.echo(f"{key:14} {_shown(value, translated if key in _WORDS else str)}")


def _shown(value: Any, words: Callable[[str], str]) -> str:
    """A fact about a data set in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{words(key)} {count:,}" for key, count in value.items())
    return ", ".join(value) if isinstance(value, list) else words(str(value))
