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


class AbsentTexts(Sequence[str]):
    """As many texts as were encoded, of which none can be read."""

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
            f"{self._folder} is a token store, which keeps no texts of training documents, and "
            f"they are needed here: give the data that it was encoded from, or, to train, another "
            f"--recipe than auto"
        )


def load_store(folder: Path, check_bytes: bool = True) -> Dataset:
    """The data set that was encoded, with its `encoded` tokens; reads all of it once, to check it.

    check_bytes: compare the hashes, unless that has been done. Raises DataError if it is half done,
    damaged, or not as its `store.json` says.
    """
    try:
        facts = read_facts(folder)
        if facts is None:
            raise DataError(
                f"{folder} is half a token store: its encoding was cut off; begin anew with hoiquy "
                f"encode, --out {folder} can stay"
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
        store.tokens(part), store.starts(part)  # so that what has another size is told now
    texts = store.test_texts()
    for _ in texts:  # and what is no text
        pass

    def learnt(part: str, of_part: Labels) -> Documents:
        texts = AbsentTexts(len(of_part), folder)
        return Documents(texts, of_part, facts.fingerprints[part])

    given = "validation" in facts.fingerprints
    train = labels["train"] if given else np.concatenate([labels["train"], labels["validation"]])
    return Dataset(
        facts.name,
        tuple(facts.classes),
        learnt("train", train),
        Documents(texts, labels["test"], facts.fingerprints["test"], store.test_lines()),
        facts.description,
        facts.official_test,
        learnt("validation", labels["validation"]) if given else None,
        store.duplicates(),
        store,
        Columns(facts.columns["text"], facts.columns["label"]) if facts.columns else None,
    )
