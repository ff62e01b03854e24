"""Where a data set is found again, and how it was read: what a run keeps of its data."""

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
from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions
from hoiquy.data.tables.formats import is_table
from hoiquy.data.token_store import is_store, read_facts
from hoiquy.errors import DataError, RunError

_COLUMNS = "data_columns"  # of `environment.json`
_TABLE = ("text", "label", "encoding", "header", "quoting", "label_separator")


@dataclass(frozen=True)
class DataSource:
    """A data set, its name, its path or an object that holds it, and what was said about it.

    data: as of `load_dataset`. test, validation: tables for these parts. called: the name that the
    data set had when a run began, which its result keeps wherever the data is now.
    """

    data: Any
    options: TableOptions = AS_FOUND
    test: str | Path | None = None
    validation: str | Path | None = None
    called: str | None = None

    @property
    def in_memory(self) -> Any:
        """The data, if it is neither a name nor a path; else None."""
        return None if isinstance(self.data, str | Path) else self.data

    @property
    def guesses(self) -> bool:
        """Whether columns or folders were chosen, which is to be reported."""
        if isinstance(self.data, Dataset):
            return False
        if not isinstance(self.data, str | Path) or is_table(self.data):
            return True
        return is_class_folders(self.data)

    def load(self, on_progress: Progress | None = None) -> Dataset:
        """Read it, as `load_dataset` does."""
        if isinstance(self.data, Dataset):
            if self.options != AS_FOUND or self.test is not None or self.validation is not None:
                raise DataError(
                    f"{self.data.name} is a data set already: columns and parts cannot be chosen "
                    f"any more"
                )
            return self.data
        dataset = load_dataset(
            self.data, on_progress, options=self.options, test=self.test, validation=self.validation
        )
        if self.called is None:
            return dataset
        description = dataset.description.replace(dataset.name, self.called)
        return replace(dataset, name=self.called, description=description)

    def where(self) -> str:
        """The name or the absolute path by which it is found again; "" for objects in memory."""
        if not isinstance(self.data, Dataset | str | Path):
            return ""
        if isinstance(self.data, Dataset) and self.data.encoded:
            return _absolute(self.data.encoded.folder)
        name = self.data.name if isinstance(self.data, Dataset) else str(self.data)
        if name in [known.name for known in KNOWN]:
            return name
        return "" if name == IN_MEMORY else _absolute(name)

    def how(self) -> dict[str, Any]:
        """What JSON keeps beside `where`: only what was said; paths are absolute."""
        said = asdict(self.options)
        for part, path in (("test", self.test), ("validation", self.validation)):
            said[part] = None if path is None else _absolute(path)
        said["called"] = self._name_to_keep(self.where())
        return {key: value for key, value in said.items() if value}

    def _name_to_keep(self, where: str) -> str | None:
        """The data set's name, unless `where` is it."""
        if self.called is not None:
            return self.called
        if isinstance(self.data, Dataset):
            return self.data.name if self.data.encoded else None
        if where and is_store(Path(where)):
            facts = read_facts(Path(where))
            return facts.name if facts else None  # of half a store, loading it will tell
        return str(self.data) if where and str(self.data) != where else None

    def settled(self) -> "DataSource":
        """What a run keeps of it, said so that it holds in a process with another current folder.

        An object in memory is left out.
        """
        how = self.how()
        return replace(
            self,
            data=self.where() or IN_MEMORY,
            test=how.get("test"),
            validation=how.get("validation"),
            called=how.get("called"),
        )

    @classmethod
    def kept(cls, environment: Mapping[str, Any]) -> "DataSource | None":
        """From what `environment.json` holds; None for data that was in memory."""
        if not environment.get("data_source"):
            return None
        how = _how(environment)
        source = str(environment["data_source"])
        return cls(
            source,
            kept_options(environment),
            how.get("test"),
            how.get("validation"),
            how.get("called"),
        )

    def moved(
        self,
        data: Any = None,
        test: str | Path | None = None,
        validation: str | Path | None = None,
    ) -> "DataSource":
        """The same data set where it is now; None for a part that has not moved.

        A token store has all parts, and its columns were chosen when it was encoded.
        """
        if isinstance(data, Dataset):
            return DataSource(data)
        if isinstance(data, str | Path) and is_store(Path(data)):
            return DataSource(data, AS_FOUND, test, validation, self._name_so_far(data))
        return replace(
            self,
            data=self.data if data is None else data,
            test=test or self.test,
            validation=validation or self.validation,
            called=self._name_so_far(data),
        )

    def _name_so_far(self, data: Any) -> str | None:
        """The name of what moves to `data`, if it had another one."""
        known = isinstance(self.data, str | Path) and data is not None and self.data is not data
        return self.called or (str(self.data) if known else None)


@contextmanager
def may_have_moved() -> Iterator[None]:
    """Have DataError say what to do if a run's data set is elsewhere now."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{error}; if the data set has moved, say --data PATH") from error


def source_of(folder: Path, environment: Mapping[str, Any], data: Any = None) -> DataSource:
    """What a run was trained on, as its environment says. Raises RunError if only `data` can."""
    kept = DataSource.kept(environment)
    if kept is None and data is None:
        raise RunError(
            f"{folder} was trained on data in memory: give it again, with data= in Python or "
            f"--data where it is a file now"
        )
    return kept or DataSource(data)


def columns_of(dataset: Dataset) -> dict[str, Any]:
    """What `environment.json` holds of the columns that were read; nothing of no table."""
    return {_COLUMNS: dataset.columns._asdict()} if dataset.columns else {}


def trained_options(environment: Mapping[str, Any]) -> TableOptions:
    """What holds for a new table: what was said about the run's, and the columns that it had."""
    said, columns = kept_options(environment), environment.get(_COLUMNS)
    if not isinstance(columns, dict):
        return said
    return replace(
        said, text=said.text or columns.get("text"), label=said.label or columns.get("label")
    )


def kept_options(environment: Mapping[str, Any]) -> TableOptions:
    """What was said about a run's table, as `environment.json` holds it."""
    how = _how(environment)
    columns = {key: how[key] for key in _TABLE if key in how}
    return TableOptions(**columns, skip_bad_rows=bool(how.get("skip_bad_rows")))


def _how(environment: Mapping[str, Any]) -> Mapping[str, Any]:
    how = environment.get("data_options")
    return how if isinstance(how, dict) else {}


def _absolute(path: str | Path) -> str:
    with suppress(RuntimeError):  # "~nobody": who reads it says so
        path = Path(path).expanduser()
    return str(Path(path).resolve())
