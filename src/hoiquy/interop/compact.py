"""A copy of a run whose embedding is float16 or int8, with a certificate of what that changes."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data import Dataset
from hoiquy.errors import HoiquyError, InputError, RunError
from hoiquy.nn.metrics import macro_f1_of, predicted_labels
from hoiquy.prediction.compact_embedding import compact_rows, with_compact_rows
from hoiquy.prediction.load import load_network
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs import files as run_files
from hoiquy.runs.compact_rows import CompactRows, CompactType
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.misclassified import find_misclassified
from hoiquy.system.atomic_write import atomic_folder
from hoiquy.system.checksummed_files import (
    read_checksummed,
    read_manifest,
    sha256,
    write_checksummed,
)
from hoiquy.training.encoding.prepare import encode_split
from hoiquy.training.scoring import Scores

CERTIFICATE = "compact.json"
# What the copy has of its own; all other files are copied.
_NEW = {run_files.WEIGHTS, run_files.ENVIRONMENT, run_files.RESULT, run_files.PREDICTIONS,
        run_files.MISCLASSIFIED, CERTIFICATE}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """The copy's probabilities beside those of the run, on the same documents.

    Attributes:
        documents: How many.
        largest_difference: Of a probability.
        mean_difference: Of all probabilities.
        changed_predictions: Documents with another predicted label, or set of labels.
        accuracy_before: Of the run on these documents.
        accuracy_after: Of the copy.
    """

    documents: int
    largest_difference: float
    mean_difference: float
    changed_predictions: int
    accuracy_before: float
    accuracy_after: float


@dataclass(frozen=True)
class Compacted:
    """A compact copy: its run, the comparison, and the bytes of both weight files."""

    run: Run
    comparison: Comparison
    bytes_before: int
    bytes_after: int


def compact_run(
    run: Run, out: Path, embedding: CompactType, dataset: Dataset, tolerance: float | None
) -> Compacted:
    """Write a copy of a run with a compact embedding, or nothing.

    Args:
        run: The run to copy.
        out: The folder of the copy, which is empty.
        embedding: The type of the embedding's values.
        dataset: Its test documents are compared; of a tested run, they are those of the run.
        tolerance: The largest difference of a probability; None for any.

    Raises:
        HoiquyError: A probability differs by more than the tolerance.
        InputError: The run has no embedding, or has a compact one, or a value does not fit.
        RunError: The run is damaged or unfinished.
    """
    before = load_network(run, "hoiquy compact")
    rows = _rows(run, before, embedding)
    after = replace(before, model=with_compact_rows(before.model, rows, str(run.folder)))
    old, new = before.score(dataset)[0], after.score(dataset)[0]
    comparison = _comparison(old, new, before.multilabel)
    if tolerance is not None and comparison.largest_difference > tolerance:
        raise HoiquyError(
            f"nothing was written: a probability differs by {comparison.largest_difference:.2g}, "
            f"expected at most {tolerance:.2g} (see --tolerance)"
        )
    old_weights = read_checksummed(run.folder, run_files.WEIGHTS)
    files = run_files.weights_file(after.model.arrays)
    weights = files[run_files.WEIGHTS]
    hashes = {"before": sha256(old_weights), run_files.WEIGHTS: sha256(weights)}
    files |= _certificate(embedding, rows, before, dataset, comparison, hashes)
    files |= _copied(run) | _environment(run, embedding, hashes["before"])
    files |= _results(run, after, dataset, new)
    with atomic_folder(out) as staging:
        write_checksummed(staging, files)
    return Compacted(load_run(out), comparison, len(old_weights), len(weights))


def _rows(run: Run, predictor: Predictor, embedding: CompactType) -> dict[str, CompactRows]:
    arrays = predictor.model.parameters.values()
    if any(isinstance(array, CompactRows) for array in arrays):
        raise InputError(f"{run.folder} has a compact embedding already: name the run it is from")
    rows = compact_rows(predictor.model, embedding)
    if not rows:
        raise InputError(f"{run.folder} has no embedding: its network reads numbers")
    return rows


def _comparison(old: Scores, new: Scores, multilabel: bool) -> Comparison:
    differences = np.abs(old.probabilities.astype(np.float64) - new.probabilities)
    labels = [predicted_labels(one.probabilities, multilabel) for one in (old, new)]
    changed = labels[0] != labels[1]
    return Comparison(
        documents=len(differences),
        largest_difference=float(differences.max(initial=0)),
        mean_difference=float(differences.mean()) if differences.size else 0.0,
        changed_predictions=int((changed.any(axis=1) if multilabel else changed).sum()),
        accuracy_before=old.accuracy,
        accuracy_after=new.accuracy,
    )


def _certificate(
    embedding: CompactType,
    rows: Mapping[str, CompactRows],
    before: Predictor,
    dataset: Dataset,
    comparison: Comparison,
    hashes: Mapping[str, str],
) -> run_files.Contents:
    arrays = {
        name: {
            "shape": list(one.shape),
            "bytes_before": before.model.parameters[name].nbytes,
            "bytes_after": one.nbytes,
            "largest_difference": _largest(before.model.parameters[name], one),
        }
        for name, one in rows.items()
    }
    values: dict[str, Any] = {
        "embedding": embedding,
        "compared": "probabilities of the same documents, with those of the float32 weights",
        "data": dataset.name,
        "data_fingerprint": dataset.fingerprint(),
        **asdict(comparison),
        "arrays": arrays,
        "sha256": dict(hashes),
        "versions": {"python": platform.python_version(), "processor": platform.machine()}
        | {name: metadata.version(name) for name in ("hoiquy", "numpy")},
    }
    return {CERTIFICATE: (json.dumps(values, indent=1) + "\n").encode("ascii")}


def _largest(array: NDArray[Any], rows: CompactRows) -> float:
    return float(np.abs(array - rows[:]).max(initial=0))


def _copied(run: Run) -> run_files.Contents:
    """The files that are the same in both; checkpoints and figures are left out."""
    return {
        name: read_checksummed(run.folder, name)
        for name in read_manifest(run.folder)
        if name not in _NEW
    }


def _environment(run: Run, embedding: CompactType, before: str) -> run_files.Contents:
    facts = {"embedding": embedding, "from": run.folder.name, "weights_sha256": before}
    return run_files.environment_file(run.environment() | {run_files.COMPACT: facts})


def _results(run: Run, after: Predictor, dataset: Dataset, scores: Scores) -> run_files.Contents:
    """The result, with the copy's own predictions if the run was tested."""
    if run.result.status == "untested":
        return run_files.result_file(run.result)
    saved = run.predictions()
    if not np.array_equal(saved.labels, dataset.test.labels):
        raise RunError(f"{run.folder}: the test documents are not those of its predictions")
    labels, probabilities = dataset.test.labels, scores.probabilities
    words = encode_split(after.recipe, dataset, dataset.test, after.vocabulary).words
    result = replace(
        run.result,
        test_accuracy=scores.accuracy,
        test_loss=scores.loss,
        test_macro_f1=macro_f1_of(labels, probabilities),
    )
    return (
        run_files.predictions_file(replace(saved, probabilities=probabilities), result.classes)
        | run_files.misclassified_file(
            find_misclassified(dataset.test.texts, words, labels, probabilities)
        )
        | run_files.result_file(result)
    )
