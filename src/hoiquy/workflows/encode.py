"""Encode a data set once, into a token store that trainings accept in its place."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions
from hoiquy.data.source import DataSource
from hoiquy.data.token_store import HALF, PARTS, STORE, StoreFacts, is_store, read_facts
from hoiquy.errors import DataError, RecipeError, RunError
from hoiquy.events import Listener
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import NGRAMS, SUBWORDS, VOCABULARY
from hoiquy.system.atomic_write import is_leftover, make_folder, remove_leftovers
from hoiquy.system.checksummed_files import MANIFEST, read_manifest, write_checksummed
from hoiquy.system.file_lock import LOCK, OWNER, locked
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.to_store import write_store
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.train import read_source


def encode(
    data: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    options: TableOptions = AS_FOUND,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    on_event: Listener | None = None,
) -> StoreFacts:
    """Encode a data set into a token store, the folder `out`.

    `train(out, recipe)` then gives the bits of `train(data, recipe)` without encoding, for any
    recipe of the same [text] and data.validation_fraction. An unfinished store is removed.

    Args:
        data: as in `train`.
        recipe: a recipe, its name or file, except "auto".
        out: the folder.
        options: as in `train`.
        test: as in `train`.
        validation: as in `train`.
        settings: as in `train`.
        on_event: called with each event.

    Raises:
        RunError: `out` has other files.
        RecipeError: the recipe is "auto", which is fitted to texts.
    """
    on_event = on_event or default_listener()
    chosen = RecipeChoice(recipe, settings or {}).named
    if chosen is None:
        raise RecipeError(
            f"the recipe {auto_recipe.NAME!r} is fitted to the texts by each training: encode "
            f"with another, such as 'fast'"
        )
    folder = Path(out)
    _check_free(folder)  # before reading: a bad folder should not cost a minute
    make_folder(folder)
    with locked(folder):
        _check_free(folder)  # another process may have been first
        _forget(folder)
        try:
            write_checksummed(folder, {STORE: HALF})
            dataset = _read(DataSource(data, options, test, validation), on_event)
            prepared = prepare(chosen, dataset, on_event)
            return write_store(folder, chosen, dataset, prepared, on_event)
        except BaseException:
            _forget(folder)
            raise


def _check_free(folder: Path) -> None:
    """Raise RunError unless the folder is empty or has an unfinished store."""
    advice = "choose another --out"
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder} is a file, but a token store needs a folder: {advice}")
    if is_store(folder):
        if read_facts(folder) is not None:
            raise RunError(f"{folder} is a token store already: {advice}, or delete it")
        return
    names = [path.name for path in folder.iterdir()] if folder.exists() else []
    if not all(name in (LOCK, OWNER, MANIFEST) or is_leftover(name) for name in names):
        raise RunError(f"the folder {folder} exists already and is not empty: {advice}")
    if MANIFEST in names:
        read_manifest(folder)  # a foreign file must not be removed


def _forget(folder: Path) -> None:
    """Remove the files of a store, the one that marks it last."""
    remove_leftovers(folder)
    shards = [path.name for part in PARTS for path in folder.glob(f"{part}-*.bin")]
    for name in (*shards, VOCABULARY, NGRAMS, SUBWORDS, STORE, MANIFEST):
        with suppress(OSError):
            (folder / name).unlink()


def _read(source: DataSource, on_event: Listener) -> Dataset:
    dataset = read_source(source, on_event)
    if dataset.encoded is not None:
        raise DataError(f"{dataset.encoded.folder} is a token store already: train from it")
    return dataset
