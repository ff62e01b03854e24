"""A trained run as a file that runs without hoiquy, its text description, and a certificate."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hoiquy.atomic import write_bytes
from hoiquy.errors import HoiquyError, InputError
from hoiquy.interop.onnx import IndexType, Probabilities, onnx_model, onnx_probabilities
from hoiquy.interop.parity import TOLERANCE, Parity, certificate, check_parity
from hoiquy.interop.text_description import dump_text_description
from hoiquy.predictor import Predictor
from hoiquy.runs import Run
from hoiquy.sealed_files import sha256

Format = Literal["onnx"]


@dataclass(frozen=True)
class Exported:
    """The files that were written, and how far the model's answers are from hoiquy's."""

    model: Path
    text: Path
    certificate: Path
    parity: Parity


def export_run(
    run: Run,
    to: Format,
    out: Path,
    *,
    index_type: IndexType = "int64",
    tolerance: float = TOLERANCE,
) -> Exported:
    """Write `out`, and beside it its `.text.json` and `.parity.json`.

    All or nothing is written: where a probability differs from hoiquy's by more than `tolerance`
    HoiquyError is raised, which names the difference. Raises MissingExtraError, RunError, and
    InputError for a file with another ending than the format's.
    """
    if out.suffix != f".{to}":
        raise InputError(f"{out}: a file for {to} must end in .{to}: --out model.{to}")
    predictor = Predictor.from_run(run)
    recipe, vocabulary = run.recipe, predictor.vocabulary
    content = onnx_model(predictor.model, recipe.name, index_type)
    exported: Probabilities = onnx_probabilities(content, index_type)
    parity = check_parity(
        predictor.model, recipe, vocabulary, exported, any_length=True, tolerance=tolerance
    )
    worst = parity.outside(tolerance)
    if worst is not None:
        raise HoiquyError(
            f"nothing was written: on {worst.inputs} ({worst.batch} × {worst.length}) a "
            f"probability differs from hoiquy's by {worst.largest_difference:.2g}, expected at "
            f"most {tolerance:.2g}: --tolerance sets what is allowed"
        )
    text = dump_text_description(vocabulary, recipe.text, recipe.data, run.result.classes)
    files = Exported(out, out.with_suffix(".text.json"), out.with_suffix(".parity.json"), parity)
    hashes = {files.model.name: sha256(content), files.text.name: sha256(text)}
    found = certificate(parity, to, tolerance, hashes, ("onnx", "onnxruntime"))
    write_bytes(files.text, text)
    write_bytes(files.certificate, found)
    write_bytes(files.model, content)
    return files
