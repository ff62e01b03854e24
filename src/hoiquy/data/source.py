"""What a run saves about its data: where it is and how it was read, to load it again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hoiquy.data import load_dataset
from hoiquy.data.catalogue import KNOWN
from hoiquy.data.class_folders import is_class_folders
from hoiquy.data.dataset import Dataset, Progress
from hoiquy.data.in_memory import IN_MEMORY
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.tables.formats import is_table
from hoiquy.data.token_store import is_store, read_facts
from hoiquy.errors import DataError, RunError

_COLUMNS = "data_columns"  # of `environment.json`
_TABLE_FIELDS = ("text", "label", "encoding", "header", "quoting", "label_separator")


@dataclass(frozen=True)
class DataSource:
    """A data set, or its name, path or object, with the options to read it.

    Attributes:
        data: A Dataset, or a source as for `load_dataset`.
        options: Table options.
        test: Table of test documents.
        validation: Table of validation documents.
        called: The name of the data set at the start of the run, if its data has moved since.
    """

    data: Any
    options: TableOptions = DEFAULT_TABLE_OPTIONS
    test: str | Path | None = None
    validation: str | Path | None = None
    called: str | None = None

    @property
    def in_memory(self) -> Any:
        """The data, if it is neither a name nor a path; else None."""
        return None if isinstance(self.data, str | Path) else self.data

    @property
    def detects(self) -> bool:
        """Whether columns or folders are detected, which is to be reported."""
        if isinstance(self.data, Dataset):
            return False
        if not isinstance(self.data, str | Path) or is_table(self.data):
            return True
        return is_class_folders(self.data)

    def load(self, on_progress: Progress | None = None) -> Dataset:
        """Load the data set, as `load_dataset`."""
        if isinstance(self.data, Dataset):
            if (
                self.options != DEFAULT_TABLE_OPTIONS
                or self.test is not None
                or self.validation is not None
            ):
                raise DataError(
                    f"{self.data.name} is already loaded: columns and parts cannot be chosen"
                )
            return self.data
        dataset = load_dataset(
            self.data, on_progress, options=self.options, test=self.test, validation=self.validation
        )
        if self.called is None:
            return dataset
        description = dataset.description.replace(dataset.name, self.called)
        return replace(dataset, name=self.called, description=description)

    def location(self) -> str:
        """Return the known name or absolute path; "" for objects in memory."""
        if not isinstance(self.data, Dataset | str | Path):
            return ""
        if isinstance(self.data, Dataset) and self.data.encoded:
            return _absolute(self.data.encoded.folder)
        name = self.data.name if isinstance(self.data, Dataset) else str(self.data)
        if name in [known.name for known in KNOWN]:
            return name
        return "" if name == IN_MEMORY else _absolute(name)

    def read_options(self) -> dict[str, Any]:
        """Return the options as JSON values: only those that are set, with absolute paths."""
        options = asdict(self.options)
        for part, path in (("test", self.test), ("validation", self.validation)):
            options[part] = None if path is None else _absolute(path)
        options["called"] = self._original_name(self.location())
        return {key: value for key, value in options.items() if value}

    def _original_name(self, where: str) -> str | None:
        """The name of the data set, unless `where` is it."""
        if self.called is not None:
            return self.called
        if isinstance(self.data, Dataset):
            return self.data.name if self.data.encoded else None
        if where and is_store(Path(where)):
            facts = read_facts(Path(where))
            return facts.name if facts else None  # loading an unfinished store raises an error
        return str(self.data) if where and str(self.data) != where else None

    def resolved(self) -> "DataSource":
        """Return a copy with absolute paths and without objects in memory."""
        how = self.read_options()
        return replace(
            self,
            data=self.location() or IN_MEMORY,
            test=how.get("test"),
            validation=how.get("validation"),
            called=how.get("called"),
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, Any]) -> "DataSource | None":
        """Read `environment.json` of a run; None if its data was in memory."""
        if not environment.get("data_source"):
            return None
        how = _how(environment)
        source = str(environment["data_source"])
        return cls(
            source,
            saved_options(environment),
            how.get("test"),
            how.get("validation"),
            how.get("called"),
        )

    def relocated(
        self,
        data: Any = None,
        test: str | Path | None = None,
        validation: str | Path | None = None,
    ) -> "DataSource":
        """Return the source with new locations; None for what has not moved.

        A token store includes all parts and the choice of columns.
        """
        if isinstance(data, Dataset):
            return DataSource(data)
        if isinstance(data, str | Path) and is_store(Path(data)):
            return DataSource(
                data, DEFAULT_TABLE_OPTIONS, test, validation, self._previous_name(data)
            )
        return replace(
            self,
            data=self.data if data is None else data,
            test=test or self.test,
            validation=validation or self.validation,
            called=self._previous_name(data),
        )

    def _previous_name(self, data: Any) -> str | None:
        """The name before the move to `data`, if it differs."""
        known = isinstance(self.data, str | Path) and data is not None and self.data is not data
        return self.called or (str(self.data) if known else None)


@contextmanager
def moved_data_hint() -> Iterator[None]:
    """Add to a DataError what to do if the data set of a run has moved."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{error}; if the data set has moved, pass --data PATH") from error


def data_source_of_run(
    folder: Path, environment: Mapping[str, Any], data: Any = None
) -> DataSource:
    """Return the data source of a run. Raises RunError if it was in memory and `data` is None."""
    saved = DataSource.from_environment(environment)
    if saved is None and data is None:
        raise RunError(
            f"{folder} was trained on data in memory: pass it again, with data= in Python or as a "
            f"file with --data"
        )
    return saved or DataSource(data)


def columns_entry(dataset: Dataset) -> dict[str, Any]:
    """Return the entry of `environment.json` for the columns; empty without a table."""
    return {_COLUMNS: dataset.columns._asdict()} if dataset.columns else {}


def trained_options(environment: Mapping[str, Any]) -> TableOptions:
    """Return the options for a new table: those of the run, with the columns that it read."""
    options, columns = saved_options(environment), environment.get(_COLUMNS)
    if not isinstance(columns, dict):
        return options
    return replace(
        options,
        text=options.text or columns.get("text"),
        label=options.label or columns.get("label"),
    )


def saved_options(environment: Mapping[str, Any]) -> TableOptions:
    """Return the table options that a run saved in `environment.json`."""
    how = _how(environment)
    columns = {key: how[key] for key in _TABLE_FIELDS if key in how}
    return TableOptions(**columns, skip_bad_rows=bool(how.get("skip_bad_rows")))


def _how(environment: Mapping[str, Any]) -> Mapping[str, Any]:
    how = environment.get("data_options")
    return how if isinstance(how, dict) else {}


def _absolute(path: str | Path) -> str:
    with suppress(RuntimeError):  # an unknown ~user: reading it reports the error
        path = Path(path).expanduser()
    return str(Path(path).resolve())
