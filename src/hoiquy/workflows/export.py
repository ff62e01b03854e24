"""Export a run to ONNX or Keras."""

from pathlib import Path
from typing import get_args

from hoiquy.errors import InputError
from hoiquy.interop.export import Exported, Format, export_run
from hoiquy.interop.onnx.model import IndexType
from hoiquy.runs.folder import Run, load_run


def export(
    run: str | Path | Run,
    out: str | Path,
    *,
    format: Format | None = None,
    index_type: IndexType = "int64",
    tolerance: float | None = None,
) -> Exported:
    """Export a run as a model that runs without hoiquy.

    Writes three files or none: the model, a `.text.json` that describes how a text becomes its
    input, and a `.parity.json` with the largest difference from hoiquy's probabilities.

    Args:
        run: A run, or the path of its folder.
        out: The model file, which ends in .onnx or .keras.
        format: "onnx" or "keras"; by default by the suffix of `out`.
        index_type: Integer type of the ONNX model's input.
        tolerance: The largest difference of a probability from hoiquy's; by default 1e-5, or what
            float32 rounding explains.

    Returns:
        The paths of the files, and the differences found.

    Raises:
        HoiquyError: A probability differs by more than the tolerance.
        InputError: `out` has another suffix, or the format has no such layer.
        MissingExtraError: Packages for the format are not installed.
        RunError: The folder is not a run, or the run is damaged or unfinished.
        WriteError: A file cannot be written.
    """
    path = Path(out)
    chosen = format or path.suffix.removeprefix(".")
    for known in get_args(Format):
        if chosen == known:
            loaded = run if isinstance(run, Run) else load_run(run)
            return export_run(loaded, known, path, index_type=index_type, tolerance=tolerance)
    if format is not None:
        raise InputError(f"unknown format {format!r}: expected {' or '.join(get_args(Format))}")
    raise InputError(f"{path}: expected a file name ending in .onnx or .keras")
