"""Copy a run with a compact embedding."""

from pathlib import Path
from typing import Any

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data import Dataset
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS
from hoiquy.data.source import data_source_of_run, moved_data_hint
from hoiquy.errors import InputError, RunError
from hoiquy.events import Listener, reading
from hoiquy.interop.compact import Compacted, compact_run
from hoiquy.runs.compact_rows import CompactType
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.new_folder import new_run_folder
from hoiquy.training.kernel_compilation import finish_compiling, start_compiling
from hoiquy.workflows.evaluate import load_test_documents


def compact(
    run: str | Path | Run,
    out: str | Path,
    *,
    embedding: CompactType = "int8",
    data: Any = None,
    tolerance: float | None = None,
    on_event: Listener | None = None,
) -> Compacted:
    """Copy a run with its embedding in float16 or int8.

    The copy predicts, serves and is verified like any run, with a file and an embedding in memory
    of a half or a quarter of the size. `compact.json` in its folder certifies what that changes:
    both runs predict the test documents of the run's data set. The copy's result and predictions
    are its own.

    Args:
        run: A run, or the path of its folder.
        out: The folder of the copy.
        embedding: "float16", or "int8" with a scale for each row.
        data: The data set of the run, if it has moved or was in memory. For a run that was never
            tested, such as an imported one, documents to compare on, as for `evaluate`.
        tolerance: Write nothing if a probability differs by more; by default any difference passes.
        on_event: Called with each event; by default a notebook shows the progress.

    Returns:
        The copy's run, the comparison, and the sizes of both weight files.

    Raises:
        HoiquyError: A probability differs by more than the tolerance.
        InputError: The run has no embedding, or has a compact one already.
        RunError: The run is damaged or unfinished, or `out` is not empty.
        DataError: The documents cannot be read.
    """
    loaded = run if isinstance(run, Run) else load_run(run)
    listener = on_event or default_listener()
    if loaded.result.status == "interrupted":
        raise RunError(f"{loaded.folder} is not complete: hoiquy resume {loaded.folder}")
    with new_run_folder(out) as folder:
        start_compiling(listener)
        dataset = _dataset(loaded, data, listener)
        finish_compiling(listener)
        return compact_run(loaded, folder, embedding, dataset, tolerance)


def _dataset(run: Run, data: Any, listener: Listener) -> Dataset:
    """The documents to compare on. Raises RunError if they are not those of a tested run."""
    if run.result.status == "untested":
        if data is None:
            raise InputError(
                f"{run.folder} was never tested: give documents to compare on with --data"
            )
        return load_test_documents(
            run, data, DEFAULT_TABLE_OPTIONS, listener, on_note=lambda note: None
        )
    source = data_source_of_run(run.folder, run.environment(), data).relocated(data)
    with moved_data_hint():
        dataset = source.load(reading(listener))
    if dataset.fingerprint() != run.result.data_fingerprint:
        raise RunError(
            f"{dataset.name} is not the data that {run.folder} was trained and tested on: its "
            f"fingerprint differs"
        )
    return dataset
