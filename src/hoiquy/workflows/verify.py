"""Verify checksums and consistency of a folder, and that training again gives the same bits."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hoiquy.data.source import data_source_of_run, moved_data_hint
from hoiquy.data.stored_dataset import load_store
from hoiquy.data.token_store import is_store
from hoiquy.errors import DataError, RunError
from hoiquy.events import Listener, ignore, reading
from hoiquy.nn.metrics import macro_f1_of
from hoiquy.prediction.load import load_predictor
from hoiquy.runs import files as run_files
from hoiquy.runs.checkpoint import checkpoint_numbers, read_checkpoint
from hoiquy.runs.ensemble import MEMBERS
from hoiquy.runs.examples_of_run import examples_of
from hoiquy.runs.folder import (
    Run,
    check_is_run,
    check_was_tested,
    is_language_model,
    is_soft_labels,
    is_unfinished,
    load_environment_of,
    load_recipe_of,
    load_run,
)
from hoiquy.runs.linear_files import FACTS, load_linear
from hoiquy.system.checksummed_files import read_checksummed, read_manifest, verify_checksum
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.distillation.soft_labels import load_soft_labels
from hoiquy.workflows.ensemble.retraining import member_folders, retrain_ensemble
from hoiquy.workflows.pretraining.folder import load_language_model, misfits
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.train import train
from hoiquy.workflows.word_vectors import VectorStart


class Verified(NamedTuple):
    """The files whose checksums match, and a line for each fault."""

    files: list[str]
    problems: list[str]


def verify(run: str | Path | Run) -> Verified:
    """Compare all files of a run with their saved checksums and with each other.

    Args:
        run: A run, or the path of a run folder, language model, soft labels or token store.

    Returns:
        The files whose checksums match, and a line for each fault: none if all is well.

    Raises:
        RunError: The folder is none of these.
    """
    folder = run.folder if isinstance(run, Run) else Path(run)
    if not (is_language_model(folder) or is_soft_labels(folder) or is_store(folder)):
        check_is_run(folder)
    check = verify_checksum if is_store(folder) else read_checksummed  # the latter in memory
    read, problems = _verified_files(folder, check)
    for member in member_folders(folder):
        found = _verified_files(member, read_checksummed)
        read += [f"{MEMBERS}/{member.name}/{name}" for name in found.files]
        problems += found.problems
    if not problems:
        problems += _disagreements(folder)
    return Verified(read, problems)


def _verified_files(folder: Path, check: Callable[[Path, str], object]) -> Verified:
    """The files of a folder, and the checkpoints, whose checksums match; and the others."""
    problems: list[str] = []
    read: list[str] = []
    try:
        names = sorted(read_manifest(folder))
    except RunError as error:
        return Verified(read, [str(error)])
    for name in names:
        try:
            check(folder, name)
            read.append(name)
        except RunError as error:
            problems.append(str(error))
    for number in checkpoint_numbers(folder):
        try:
            read_checkpoint(folder, number)
            read.append(f"checkpoint/{number:010}")
        except RunError as error:
            problems.append(str(error))
    return Verified(read, problems)


def retrain(folder: Path, data: str | Path | None = None, on_event: Listener = ignore) -> list[str]:
    """Train a complete run again from its recipe, or plan; returns the files that differ.

    data: the data set's place, if it has moved. Raises RunError if the run is not complete.
    """
    run = load_run(folder)
    check_was_tested(run, "cannot be trained again")
    if run.result.status != "complete":
        raise RunError(f"{folder} is not complete; finish it first: hoiquy resume {folder}")
    environment = load_environment_of(folder)
    if run_files.COMPACT in environment:
        raise RunError(f"{folder} is a compact copy: retrain the run it is from")
    source = data_source_of_run(folder, environment, data).relocated(data)
    with tempfile.TemporaryDirectory(prefix="hoiquy-verify-") as place:
        engine = environment.get("engine", "hoiquy")
        with moved_data_hint():
            dataset = source.load(reading(on_event))
        if run.result.is_ensemble:
            return retrain_ensemble(folder, dataset, source, Path(place) / "run", on_event)
        language_model = LanguageModelStart.recorded(folder, environment)
        soft_labels = SoftLabelStart.of_run(folder, environment)
        again = train(
            dataset, load_recipe_of(folder), Path(place) / "run", engine=engine, on_event=on_event,
            language_model=language_model,
            soft_labels=soft_labels.soft_labels.folder if soft_labels else None,
            vectors=VectorStart.recorded(folder, environment),
        )  # fmt: skip
        return [
            name
            for name in _repeatable_files(folder)
            if read_checksummed(folder, name) != read_checksummed(again.folder, name)
        ]


def _repeatable_files(folder: Path) -> list[str]:
    """The files that equal trainings have equal; runs of earlier versions have no examples."""
    older = run_files.EXAMPLES not in read_manifest(folder)
    return [name for name in run_files.REPEATABLE if not (older and name == run_files.EXAMPLES)]


def _disagreements(folder: Path) -> list[str]:
    """Contradictions between files that are intact."""
    try:
        if is_store(folder):
            load_store(folder, check_bytes=False)  # `verify` has
        elif is_soft_labels(folder):
            load_soft_labels(folder).documents()
        elif is_language_model(folder):
            return misfits(load_language_model(folder))
        elif not is_unfinished(folder):
            run = load_run(folder)
            run.environment(), run.cost(), run.summary(), run.diagnostics()
            examples_of(run)
            load_predictor(run)
            for member in member_folders(folder):
                _check_member(run, member)
            return [] if run.result.status == "untested" else list(_wrong_measures(run))
    except (RunError, DataError) as error:
        return [str(error)]
    return []


def _check_member(run: Run, member: Path) -> None:
    """Load a model of an ensemble. Raises RunError if its files contradict each other."""
    if (member / FACTS).exists():
        load_linear(member, run.result.classes)
    else:
        load_predictor(member)


def _wrong_measures(run: Run) -> Iterator[str]:
    predictions, result = run.predictions(), run.result
    accuracy = float(predictions.right().mean())
    f1 = macro_f1_of(predictions.labels, predictions.probabilities)
    for name, saved, computed in (
        ("test_accuracy", result.test_accuracy, accuracy),
        ("test_macro_f1", result.test_macro_f1, f1),
        ("epochs", result.epochs, len(run.history)),
    ):
        if saved != computed:
            yield f"{run.folder}: result.json has {name} {saved}, its other files say {computed}"
    misclassified = run.misclassified()
    if misclassified is not None:
        counted = (
            sum(by_length.documents for by_length in misclassified.by_length),
            sum(by_length.errors for by_length in misclassified.by_length),
        )
        found = (len(predictions.labels), int((~predictions.right()).sum()))
        if counted != found:
            yield (
                f"{run.folder}: misclassified.json counts {counted[1]:,} errors in {counted[0]:,} "
                f"documents, predictions.parquet {found[1]:,} in {found[0]:,}"
            )
