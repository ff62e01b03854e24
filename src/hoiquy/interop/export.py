"""Export a run as an ONNX or Keras model with a text description and a parity certificate."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hoiquy.errors import HoiquyError, InputError
from hoiquy.interop.ensemble_inputs import EnsembleInputs
from hoiquy.interop.ensemble_parity import check_ensemble_parity
from hoiquy.interop.keras.writer import keras_file, keras_probabilities
from hoiquy.interop.onnx.ensemble import onnx_ensemble, onnx_ensemble_probabilities
from hoiquy.interop.onnx.model import IndexType, Probabilities, onnx_model, onnx_probabilities
from hoiquy.interop.parity import Parity, certificate, check_parity
from hoiquy.interop.text_description import dump_text_description
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.prediction.load import load_network, load_predictor
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.folder import Run
from hoiquy.system.atomic_write import atomic_path
from hoiquy.system.checksummed_files import sha256

Format = Literal["onnx", "keras"]
_PACKAGES = {"onnx": ("onnx", "onnxruntime"), "keras": ("keras",)}


@dataclass(frozen=True)
class Exported:
    """The files written, and how far the model's probabilities differ from hoiquy's."""

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
    """Write `out`, and next to it a `.text.json` and a `.parity.json`; all three or none.

    Args:
        run: The run to export.
        to: The format.
        out: The model file; its suffix must be that of the format.
        index_type: Integer type of the ONNX model's input.
        tolerance: The largest difference of a probability from hoiquy's. None is `TOLERANCE`, but
            accepts differences that float32 rounding explains.

    Raises:
        HoiquyError: A probability differs by more than the tolerance.
        InputError: `out` has another suffix, or the format has no such layer.
        MissingExtraError: Packages for the format are not installed.
        RunError: The run is damaged or unfinished.
        WriteError: A file cannot be written.
    """
    if out.suffix != f".{to}":
        raise InputError(f"{out}: the file name must end in .{to}, such as --out model.{to}")
    if to == "onnx" and run.result.is_ensemble:
        content, text, parity = _ensemble(run, index_type, tolerance)
    else:
        content, text, parity = _network(run, to, index_type, tolerance)
    worst = parity.failed
    if worst is not None:
        raise HoiquyError(
            f"nothing was written: on {worst.inputs} ({worst.batch} × {worst.length}) a "
            f"probability differs from hoiquy's by {worst.largest_difference:.2g}, expected at "
            f"most {parity.limit:.2g} (see --tolerance)"
        )
    files = Exported(out, out.with_suffix(".text.json"), out.with_suffix(".parity.json"), parity)
    hashes = {files.model.name: sha256(content), files.text.name: sha256(text)}
    parity_file = certificate(parity, to, hashes, _PACKAGES[to])
    with ExitStack() as stack:
        contents = {files.text: text, files.certificate: parity_file, files.model: content}
        for path, data in contents.items():
            stack.enter_context(atomic_path(path)).write_bytes(data)
    return files


def _network(
    run: Run, to: Format, index_type: IndexType, tolerance: float | None
) -> tuple[bytes, bytes, Parity]:
    """Return the model's bytes, its text description and the result of its check."""
    predictor = load_network(run, f"a .{to} file").expanded()
    recipe, vocabulary = run.recipe, predictor.vocabulary
    content, exported = _exported(predictor, to, index_type)
    parity = check_parity(
        predictor.model, recipe, vocabulary, exported, any_length=to == "onnx", tolerance=tolerance
    )
    text = dump_text_description(
        vocabulary, recipe.text, recipe.data, run.result.classes, run.result.multilabel
    )
    return content, text, parity


def _ensemble(
    run: Run, index_type: IndexType, tolerance: float | None
) -> tuple[bytes, bytes, Parity]:
    """Do as `_network` for a run that predicts with several models."""
    loaded = load_predictor(run)
    assert isinstance(loaded, EnsemblePredictor)
    predictor = loaded.expanded()
    inputs = EnsembleInputs.of(predictor)
    content = onnx_ensemble(predictor, inputs, index_type)
    index_types = dict.fromkeys(inputs.networks, index_type)
    exported = onnx_ensemble_probabilities(content, index_types)
    parity = check_ensemble_parity(predictor, inputs, exported, tolerance)
    return content, inputs.description(predictor.classes, predictor.multilabel), parity


def _exported(
    predictor: Predictor, to: Format, index_type: IndexType
) -> tuple[bytes, Probabilities]:
    """Return the file's bytes, and a function that runs it."""
    model, recipe = predictor.model, predictor.recipe
    if to == "onnx":
        content = onnx_model(model, recipe.name, index_type)
        return content, onnx_probabilities(content, index_type)
    words, classes = len(predictor.vocabulary.words), len(predictor.classes)
    content = keras_file(model, recipe, vocabulary_size=words, classes=classes)
    return content, keras_probabilities(content)
