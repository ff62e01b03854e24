"""`hoiquy compact`: copy a run with its embedding in float16 or int8."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options
from hoiquy.messages import translated

if TYPE_CHECKING:
    from hoiquy.runs.compact_rows import CompactType


@click.command(
    epilog=options.examples(
        "hoiquy compact runs/first --out runs/small",
        "hoiquy compact runs/first --embedding float16 --tolerance 1e-3 --out runs/small",
        "hoiquy compact imported --data reviews.csv --out small",
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--embedding", type=click.Choice(["float16", "int8"]), default="int8", show_default=True,
    help="Type of the embedding's values: 2 bytes each, or 1 byte and a scale for each row.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR",
    help="Folder of the copy; its compact.json is the certificate.",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(min=0), show_default="any difference",
    help="Fail if a probability differs from the run's by more than this.",
)  # fmt: skip
@click.option(
    "--data", metavar="NAME|PATH",
    help="New location of the data set, if it moved; of an imported run, documents to compare on.",
)  # fmt: skip
@options.as_json
@options.quiet
def compact(
    run: Path,
    embedding: "CompactType",
    out: Path,
    tolerance: float | None,
    data: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Copy a run with its embedding in float16 or int8.

    The copy is a run folder for all commands but retraining. Both runs predict the test documents,
    and compact.json certifies how far the probabilities differ and how many predictions change.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.workflows import compact as workflow

    with TrainingProgress(quiet) as progress:
        made = workflow.compact(
            run, out, embedding=embedding, data=data, tolerance=tolerance, on_event=progress
        )
    found = made.comparison
    if as_json:
        sizes = {"bytes_before": made.bytes_before, "bytes_after": made.bytes_after}
        click.echo(json.dumps({"run": str(out)} | asdict(found) | sizes))
        return
    weights = f"{out}: weights of {made.bytes_after:,} bytes instead of {made.bytes_before:,}"
    predictions = (
        f"{found.documents:,} documents: a probability differs by {found.largest_difference:.2g} "
        f"at most; changed predictions: {found.changed_predictions:,}; "
        f"accuracy {found.accuracy_before:.2%} → {found.accuracy_after:.2%}"
    )
    click.echo(f"{translated(weights)}\n{translated(predictions)}")
