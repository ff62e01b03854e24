"""The texts without labels that a training learns from, and where they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.data.duplicates import document_keys
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.source import DataSource, saved_options
from hoiquy.data.stored_texts import StoredTexts, TextStore
from hoiquy.data.text_key import text_key
from hoiquy.data.unlabelled.sources import IMDB_UNLABELLED, STDIN, check_source
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import DataRead, Listener
from hoiquy.runs.files import UNLABELLED
from hoiquy.workflows.pretraining.corpus import listed, read_bare


@dataclass(frozen=True)
class UnlabelledTexts:
    """Sources of texts, which are read several times.

    sources: as in `pretrain`.
    options: how tables and files are read.
    """

    sources: Sequence[Any]
    options: TableOptions = DEFAULT_TABLE_OPTIONS

    @classmethod
    def of(cls, texts: Any, options: TableOptions) -> "UnlabelledTexts":
        """Raises InputError for standard input or no source, DataError for what is no texts."""
        sources = listed(texts)
        for source in sources:
            check_source(source)
            if source == STDIN:
                raise InputError(
                    "texts without labels are read several times, so standard input cannot be "
                    "used: save them to a file"
                )
        return cls(sources, options)

    @classmethod
    def recorded(
        cls, folder: Path, environment: Mapping[str, Any], key: str = UNLABELLED
    ) -> "UnlabelledTexts | None":
        """Those of a run; None for a run without. Raises RunError if they were in memory.

        key: of their places in the environment of the run.
        """
        places = environment.get(key)
        if places is None:
            return None
        if not all(places):
            raise RunError(
                f"{folder} learns from texts without labels that were in memory: train again, or "
                f"from a file of them"
            )
        return cls(places, saved_options(environment))

    def places(self) -> list[str]:
        """Names and absolute paths, as `recorded` reads them; "" for texts in memory."""
        return [
            IMDB_UNLABELLED if source == IMDB_UNLABELLED else DataSource(source).location()
            for source in self.sources
        ]

    def read(self, on_event: Listener) -> Iterator[str]:
        """All texts, also empty ones. Raises DataError."""
        return read_bare(self.sources, self.options, all_rows=False, on_event=on_event)


@dataclass(frozen=True, eq=False)
class TextsWithoutLabel:
    """Texts that are no documents of a data set, none empty and none twice.

    left_out: how many others are documents of the data set.
    """

    texts: StoredTexts
    left_out: int

    @classmethod
    def of(cls, texts: Iterable[str], dataset: Dataset, on_event: Listener) -> "TextsWithoutLabel":
        """Store them outside memory.

        Raises DataError for texts that cannot be read, or if none is left, WriteError if they
        cannot be stored.
        """
        documents, seen, store, left_out = document_keys(dataset), set[bytes](), TextStore(), 0
        for text in texts:
            key = text_key(text)
            if not text or text.isspace() or key in seen:
                continue
            if key in documents:
                left_out += 1
                continue
            seen.add(key)
            store.append(text)
        if left_out:
            on_event(DataRead(f"texts left out, as documents of {dataset.name}: {left_out:,}"))
        if not seen:
            raise DataError(
                f"no text without a label: all are empty or documents of {dataset.name}; name "
                f"others"
            )
        return cls(store.texts(), left_out)
