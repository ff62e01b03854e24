"""Predict Parquet files in parallel with Ray."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from hoiquy.data.labels.labelled_rows import TableOptions
from hoiquy.data.source import trained_options
from hoiquy.data.tables.parquet_part import count_parquet
from hoiquy.data.tables.run_options import with_run_options
from hoiquy.data.unlabelled.rows import CHUNK_DOCUMENTS, in_chunks, read_part, text_column
from hoiquy.errors import DataError, InputError
from hoiquy.events import Listener, Preparing, ignore
from hoiquy.prediction.load import load_predictor
from hoiquy.prediction.table import prediction_schema, prediction_table
from hoiquy.prediction.text_classifier import TextClassifier
from hoiquy.runs.folder import Run
from hoiquy.system.atomic_write import atomic_folder, atomic_path
from hoiquy.system.near_names import suggestion
from hoiquy.training.ray.nodes import check_seen
from hoiquy.training.ray.session import Spread, ray_session
from hoiquy.training.ray.tables import tables_of
from hoiquy.training.ray.tasks import take_one_thread

_ROWS = 4 * CHUNK_DOCUMENTS  # per task
_FILE = "file"  # extra column in the workers' tables: the number of the file


def predict_on_ray(
    run: Run,
    source: Path,
    out: Path,
    options: TableOptions,
    spread: Spread,
    say: Callable[[str], None] = lambda line: None,
    on_event: Listener = ignore,
) -> None:
    """Predict a Parquet file, or each one in a folder, into a Parquet file of the same name.

    The output is the same as without Ray. Workers read the files in parts and this process writes
    them, so files may be larger than memory.

    Args:
        run: The run to predict with.
        source: A Parquet file, or a folder of them.
        out: The Parquet file to write, or a new or empty folder.
        options: How to read the files.
        spread: The Ray cluster and the number of workers.
        say: Receives lines to print.
        on_event: Receives progress events.

    Raises:
        DataError: A file cannot be read or has no documents.
        InputError: `out` is not empty, or `source` is not Parquet.
    """
    files = _parquet_files(source)
    if out.is_dir() and any(out.iterdir()):
        raise InputError(f"the folder {out} is not empty: choose another --out")
    rows = [count_parquet(file) for file in files]
    first = next((file for file, count in zip(files, rows, strict=True) if count), files[0])
    options = with_run_options(first, options, trained_options(run.environment()), say)
    column = text_column(first, options)
    say(f"{source}: texts from {column!r}")
    parts: list[dict[str, Any]] = [
        {_FILE: number, "path": str(file.resolve()), "first": at, "end": min(at + _ROWS, count + 1)}
        for number, (file, count) in enumerate(zip(files, rows, strict=True))
        for at in range(1, count + 1, _ROWS)
    ]
    with ray_session(spread.where, spread.workers) as session:
        check_seen([run.folder, *files], session.nodes)
        at_once = min(spread.workers or session.cpus, session.cpus)
        tables = tables_of(_predict_part, parts, (run.folder.resolve(), column, options), at_once)
        with _outputs(source, out, files) as paths:
            done = _write(tables, paths, _schema_of(run), sum(rows), on_event)
            if not done:
                raise DataError(f"{source} has no texts")
    if done < sum(rows):
        say(f"{source}: {sum(rows) - done:,} bad rows left out")


def _parquet_files(source: Path) -> list[Path]:
    if source.is_dir():
        found = [path for path in source.glob("*.parquet") if path.name[0] not in "._"]
        if not found:
            raise DataError(f"the folder {source} holds no Parquet files")
        return sorted(found)
    if not source.exists():
        raise DataError(f"{source}: no such file or folder{suggestion(source)}")
    if source.suffix.lower() != ".parquet":
        raise InputError(f"{source}: --ray reads Parquet, a file or a folder of them")
    return [source]


def _predict_part(
    part: Mapping[str, Any], run: Path, column: str, options: TableOptions
) -> Iterator[Any]:
    """In a worker: yield the predictions for part of a file, a few thousand rows at a time."""
    import pyarrow as pa

    take_one_thread()
    predictor = _predictor(run)
    documents = read_part(Path(part["path"]), column, options, part["first"], part["end"])
    for chunk in in_chunks(documents):
        probabilities = predictor.predict_proba([document.text for document in chunk])
        table = prediction_table(chunk, probabilities, predictor.classes, predictor.multilabel)
        yield table.append_column(_FILE, pa.repeat(pa.scalar(part[_FILE], pa.int64()), len(chunk)))


@lru_cache(maxsize=1)
def _predictor(run: Path) -> TextClassifier:
    """Load the run once per worker process."""
    return load_predictor(run)


@contextmanager
def _outputs(source: Path, out: Path, files: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the path to write for each file; all of them appear, or none."""
    if source.is_dir():
        with atomic_folder(out) as folder:
            yield [folder / file.name for file in files]
    else:
        with atomic_path(out) as path:
            yield [path]


def _schema_of(run: Run) -> Any:
    return prediction_schema(run.result.classes, run.result.multilabel)


def _write(
    tables: Iterator[Any],
    paths: Sequence[Path],
    schema: Any,
    total: int,
    on_event: Listener,
) -> int:
    """Write tables, which arrive in the order of the files; return the number of rows."""
    import pyarrow.parquet as pq

    done = 0
    by_file = _by_file(tables)
    upcoming = next(by_file, None)
    for number, path in enumerate(paths):
        with pq.ParquetWriter(path, schema) as writer:
            while upcoming is not None and upcoming[0] == number:
                writer.write_table(upcoming[1])
                done += len(upcoming[1])
                on_event(Preparing("predicting", done=done, total=total))
                upcoming = next(by_file, None)
    return done


def _by_file(tables: Iterator[Any]) -> Iterator[tuple[int, Any]]:
    """Yield (number of the file, table of its rows only)."""
    import pyarrow.compute as pc

    for table in tables:
        numbers = table.column(_FILE)
        for number in numbers.unique().to_pylist():
            yield number, table.filter(pc.equal(numbers, number)).drop_columns([_FILE])
