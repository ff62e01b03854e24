"""`hoiquy export`: write a run as an ONNX or Keras model."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options
from hoiquy.messages import translated

if TYPE_CHECKING:
    from hoiquy.interop.export import Format
    from hoiquy.interop.onnx.model import IndexType


@click.command(
    epilog=options.examples(
        "hoiquy export runs/first model.onnx",
        "hoiquy export runs/first model.onnx --index-type int32",
        "hoiquy export runs/first model.keras",
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument(
    "model", required=False, metavar="[FILE]", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option(
    "--to", type=click.Choice(["onnx", "keras"]), show_default="by the suffix of FILE",
    help="Output format.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Model file, which may also be given after RUN.",
)  # fmt: skip
@click.option(
    "--index-type", type=click.Choice(["int32", "int64"]), default="int64", show_default=True,
    help="Integer type of the ONNX model's input.",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(min=0), show_default="1e-5, or float32 rounding",
    help="Fail if a probability differs from hoiquy's by more than this.",
)  # fmt: skip
@options.as_json
def export(
    run: Path,
    model: Path | None,
    to: "Format | None",
    out: Path | None,
    index_type: "IndexType",
    tolerance: float | None,
    as_json: bool,
) -> None:
    """Export a run to ONNX or Keras.

    FILE ends in .onnx or .keras. The model runs without hoiquy. Two files are written next to it: a
    .text.json describes how a text becomes its input, and a .parity.json certifies how far its
    probabilities differ from hoiquy's.
    """
    from hoiquy.workflows.export import export as export_run

    file = model or out
    if file is None or (model and out):
        raise click.UsageError("name one model file after RUN, such as model.onnx")
    exported = export_run(run, file, format=to, index_type=index_type, tolerance=tolerance)
    largest, accepted = exported.parity.largest, exported.parity.explained_by_rounding
    if accepted is not None:
        note = (
            f"hoiquy: a probability differs by {accepted.largest_difference:.2g}, more than "
            f"{exported.parity.limit:.2g}; accepted because float32 rounding alone changes "
            f"hoiquy's own by {accepted.own_rounding:.2g} (--tolerance sets a hard limit)"
        )
        click.echo(translated(note), err=True)
    paths = {
        "model": str(exported.model),
        "text": str(exported.text),
        "certificate": str(exported.certificate),
    }
    if as_json:
        click.echo(json.dumps(paths | {"largest_difference": largest.largest_difference}))
        return
    documents = sum(case.batch for case in exported.parity.cases)
    click.echo("\n".join(paths.values()))
    difference = (
        f"largest difference of a probability from hoiquy's: {largest.largest_difference:.2g} "
        f"({documents} documents; worst on {largest.inputs}, {largest.batch} × {largest.length})"
    )
    click.echo(translated(difference))
