"""Write prepared documents as a token store (`data/token_store.py`)."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.duplicates import duplicated_rows
from hoiquy.data.token_store import (
    DUPLICATES,
    LINES,
    STORE,
    TEXT_STARTS,
    TEXTS,
    PartFacts,
    StoreFacts,
    shard_name,
)
from hoiquy.events import Listener, Preparing
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import vocabulary_file
from hoiquy.system.atomic_write import atomic_path
from hoiquy.system.checksummed_files import write_checksummed, write_checksums
from hoiquy.system.json_files import as_json
from hoiquy.training.encoding.prepared import Prepared

SHARD_TOKENS = 2**25  # per file, 128 MB, unless a single document has more
_AT_ONCE = 10_000  # texts


def write_store(
    folder: Path, recipe: Recipe, dataset: Dataset, prepared: Prepared, on_event: Listener
) -> StoreFacts:
    """Write all files; the last one marks the store as complete. Raises WriteError."""
    splits = {"train": prepared.train, "validation": prepared.validation, "test": prepared.test}
    documents, done = sum(map(len, splits.values())), 0
    parts, hashes = {}, {}
    for part, split in splits.items():
        tokens: list[int] = []
        for begin, end in _shards(split.documents.starts):
            on_event(Preparing("storing", done=done + begin, total=documents))
            first, last = split.documents.starts[[begin, end]].tolist()
            name = shard_name(part, len(tokens))
            hashes[name] = _write(folder / name, [_bytes(split.documents.indices[first:last])])
            tokens.append(last - first)
        for what, of_part in (("starts", split.documents.starts), ("labels", split.labels)):
            name = f"{part}-{what}.bin"
            hashes[name] = _write(folder / name, [_bytes(of_part)])
        parts[part] = PartFacts(len(split), tokens)
        done += len(split)
    hashes |= _write_test(folder, dataset)
    write_checksums(folder, hashes)
    facts = _facts(recipe, dataset, parts)
    files = vocabulary_file(prepared.vocabulary) | {STORE: as_json(asdict(facts))}  # STORE last
    write_checksummed(folder, files)
    return facts


def _shards(starts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """The first document of each file of tokens, and the one after its last."""
    begin, documents = 0, len(starts) - 1
    while begin < documents:
        within = int(np.searchsorted(starts, starts[begin] + SHARD_TOKENS, "right")) - 1
        end = max(within, begin + 1)
        yield begin, end
        begin = end


def _write_test(folder: Path, dataset: Dataset) -> dict[str, str]:
    """Write the texts of the test part, for misclassified examples, and its duplicates."""
    ends = array("q", [0])

    def content() -> Iterator[bytes]:
        for begin in range(0, len(dataset.test), _AT_ONCE):
            some = dataset.test.texts[begin : begin + _AT_ONCE]
            encoded = [text.encode("utf-8", "surrogatepass") for text in some]
            for text in encoded:
                ends.append(ends[-1] + len(text))
            yield b"".join(encoded)

    lines = dataset.test.lines
    of_lines = {} if lines is None else {LINES: _write(folder / LINES, [_bytes(lines)])}
    return of_lines | {
        TEXTS: _write(folder / TEXTS, content()),
        TEXT_STARTS: _write(folder / TEXT_STARTS, [_bytes(np.array(ends, np.int64))]),
        DUPLICATES: _write(folder / DUPLICATES, [_bytes(duplicated_rows(dataset))]),
    }


def _facts(recipe: Recipe, dataset: Dataset, parts: dict[str, PartFacts]) -> StoreFacts:
    fingerprints = {"train": dataset.train.fingerprint(), "test": dataset.test.fingerprint()}
    fraction = None
    if dataset.validation is not None:
        fingerprints["validation"] = dataset.validation.fingerprint()
    else:
        fraction = recipe.data.validation_fraction
    return StoreFacts(
        kind="store",
        whole=True,
        hoiquy=metadata.version("hoiquy"),
        name=dataset.name,
        description=dataset.description,
        official_test=dataset.official_test,
        classes=list(dataset.classes),
        fingerprints=fingerprints,
        recipe=recipe.name,
        text=recipe.text.model_dump(),
        validation_fraction=fraction,
        parts=parts,
        multilabel=dataset.multilabel,
        columns={"text": dataset.columns.text, "label": dataset.columns.label}
        if dataset.columns
        else None,
    )


def _bytes(numbers: NDArray[np.integer[Any]]) -> memoryview:
    """Little-endian; on most machines not a copy."""
    return np.ascontiguousarray(numbers.reshape(-1), numbers.dtype.newbyteorder("<")).data.cast("B")


def _write(path: Path, content: Iterable[bytes | memoryview]) -> str:
    """Write a file atomically and return its sha256. Raises WriteError."""
    digest = hashlib.sha256()
    with atomic_path(path) as temporary, temporary.open("xb") as file:
        for some in content:
            file.write(some)
            digest.update(some)
    return digest.hexdigest()
