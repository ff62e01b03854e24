"""`hoiquy export`: a trained network as a file that runs without hoiquy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.interop.export import Format
    from hoiquy.interop.onnx.model import IndexType


@click.command(
    epilog=options.examples(
        "hoiquy export runs/first --to onnx --out model.onnx",
        "hoiquy export runs/first --to onnx --out model.onnx --index-type int32",
        "hoiquy export runs/first --to keras --out model.keras",
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--to", type=click.Choice(["onnx", "keras"]), required=True, help="The format.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE",
    help="The model; its .text.json and .parity.json are written beside it.",
)  # fmt: skip
@click.option(
    "--index-type", type=click.Choice(["int32", "int64"]), default="int64", show_default=True,
    help="What the ONNX model reads.",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(min=0), show_default="1e-5, or what rounding explains",
    help="Write nothing if a probability differs from hoiquy's by more than this.",
)  # fmt: skip
@options.as_json
def export(
    run: Path,
    to: "Format",
    out: Path,
    index_type: "IndexType",
    tolerance: float | None,
    as_json: bool,
) -> None:
    """Write the network in the folder RUN as a file that runs without hoiquy.

    Beside the model: how a text becomes its indices (.text.json), and a certificate of how far
    its probabilities are from hoiquy's (.parity.json).
    """
    from hoiquy.interop.export import export_run
    from hoiquy.runs.folder import load_run

    exported = export_run(load_run(run), to, out, index_type=index_type, tolerance=tolerance)
    largest, excused = exported.parity.largest, exported.parity.excused
    if excused is not None:
        click.echo(
            f"hoiquy: a probability differs by {excused.largest_difference:.2g}, more than "
            f"{exported.parity.limit:.2g}; that passes because float32 rounding alone changes "
            f"hoiquy's own by {excused.own_rounding:.2g} there: --tolerance is a hard limit",
            err=True,
        )
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
    click.echo(
        f"the largest difference of a probability from hoiquy's: {largest.largest_difference:.2g} "
        f"({documents} documents; here: {largest.inputs}, {largest.batch} × {largest.length})"
    )
