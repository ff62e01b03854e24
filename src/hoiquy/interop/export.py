"""A trained run as a file that runs without hoiquy, its text description, and a certificate."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hoiquy.errors import HoiquyError, InputError
from hoiquy.interop.keras.writer import keras_file, keras_probabilities
from hoiquy.interop.onnx.model import IndexType, Probabilities, onnx_model, onnx_probabilities
from hoiquy.interop.parity import Parity, certificate, check_parity
from hoiquy.interop.text_description import dump_text_description
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.folder import Run
from hoiquy.system.atomic_write import atomic_path
from hoiquy.system.checksummed_files import sha256

Format = Literal["onnx", "keras"]
_PACKAGES = {"onnx": ("onnx", "onnxruntime"), "keras": ("keras",)}


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
    tolerance: float | None = None,
) -> Exported:
    """Write `out`, and beside it its `.text.json` and `.parity.json`.

    All or nothing is written: where a probability differs from hoiquy's by more than `tolerance`
    HoiquyError is raised, which names the difference. Without a `tolerance` it is TOLERANCE, and a
    difference that float32 rounding explains is let pass: see `Parity.excused`. index_type: of
    ONNX. Raises MissingExtraError, RunError, WriteError, and InputError for a file with another
    ending than the format's.
    """
    if out.suffix != f".{to}":
        raise InputError(f"{out}: a file for {to} must end in .{to}: --out model.{to}")
    predictor = Predictor.from_run(run)
    recipe, vocabulary = run.recipe, predictor.vocabulary
    content, exported = _exported(predictor, to, index_type)
    parity = check_parity(
        predictor.model, recipe, vocabulary, exported, any_length=to == "onnx", tolerance=tolerance
    )
    worst = parity.outside
    if worst is not None:
        raise HoiquyError(
            f"nothing was written: on {worst.inputs} ({worst.batch} × {worst.length}) a "
            f"probability differs from hoiquy's by {worst.largest_difference:.2g}, expected at "
            f"most {parity.limit:.2g}: --tolerance sets what is allowed"
        )
    text = dump_text_description(
        vocabulary, recipe.text, recipe.data, run.result.classes, run.result.multilabel
    )
    files = Exported(out, out.with_suffix(".text.json"), out.with_suffix(".parity.json"), parity)
    hashes = {files.model.name: sha256(content), files.text.name: sha256(text)}
    found = certificate(parity, to, hashes, _PACKAGES[to])
    with ExitStack() as all_or_none:
        contents = {files.text: text, files.certificate: found, files.model: content}
        for path, bytes_of_file in contents.items():
            temporary = all_or_none.enter_context(atomic_path(path))
            temporary.write_bytes(bytes_of_file)
    return files


def _exported(
    predictor: Predictor, to: Format, index_type: IndexType
) -> tuple[bytes, Probabilities]:
    """The file's bytes, and what the file answers."""
    model, recipe = predictor.model, predictor.recipe
    if to == "onnx":
        content = onnx_model(model, recipe.name, index_type)
        return content, onnx_probabilities(content, index_type)
    words, classes = len(predictor.vocabulary.words), len(predictor.classes)
    content = keras_file(model, recipe, vocabulary_size=words, classes=classes)
    return content, keras_probabilities(content)
