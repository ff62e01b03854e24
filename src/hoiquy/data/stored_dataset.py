"""The data set in a token store."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, overload

import numpy as np

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.label_array import Labels
from hoiquy.data.tables.columns import Columns
from hoiquy.data.token_store import PARTS, TokenStore, read_facts
from hoiquy.errors import DataError, RunError
from hoiquy.system.checksummed_files import read_manifest, verify_checksum


class MissingTexts(Sequence[str]):
    """The texts that a token store does not keep: indexing raises DataError."""

    def __init__(self, count: int, folder: Path) -> None:
        self._count, self._folder = count, folder

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> NoReturn:
        raise DataError(
            f"{self._folder} is a token store, which has no texts of training documents, but they "
            f"are needed here: pass the data that it was encoded from, or, to train, another "
            f"--recipe than auto"
        )


def load_store(folder: Path, check_bytes: bool = True) -> Dataset:
    """Load the data set of a token store and validate it by reading all of it.

    check_bytes: compare the checksums as well. Raises DataError if the store is unfinished, damaged
    or inconsistent with its `store.json`.
    """
    try:
        facts = read_facts(folder)
        if facts is None:
            raise DataError(
                f"{folder} is an unfinished token store: run hoiquy encode again, with the same "
                f"--out {folder}"
            )
        for name in read_manifest(folder) if check_bytes else ():
            verify_checksum(folder, name)
        return _dataset(TokenStore(folder, facts))
    except (RunError, OSError, KeyError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, RunError) else f"{folder} is damaged: {error!r}"
        raise DataError(f"{reason}; encode the data again") from error


def _dataset(store: TokenStore) -> Dataset:
    facts, folder = store.facts, store.folder
    labels = {part: store.labels(part) for part in PARTS}
    for part in PARTS:
        store.tokens(part), store.starts(part)  # raise DataError for wrong sizes
    texts = store.test_texts()
    for _ in texts:  # raises UnicodeDecodeError for damaged text
        pass

    def without_texts(part: str, part_labels: Labels) -> Documents:
        texts = MissingTexts(len(part_labels), folder)
        return Documents(texts, part_labels, facts.fingerprints[part])

    given = "validation" in facts.fingerprints
    train = labels["train"] if given else np.concatenate([labels["train"], labels["validation"]])
    return Dataset(
        facts.name,
        tuple(facts.classes),
        without_texts("train", train),
        Documents(texts, labels["test"], facts.fingerprints["test"], store.test_lines()),
        facts.description,
        facts.official_test,
        without_texts("validation", labels["validation"]) if given else None,
        store.duplicates(),
        store,
        Columns(facts.columns["text"], facts.columns["label"]) if facts.columns else None,
    )
