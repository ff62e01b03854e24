"""Encode a data set once, into a token store that trainings accept in its place."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.source import DataSource
from hoiquy.data.token_store import PARTS, STORE, UNFINISHED, StoreFacts, is_store, read_facts
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
from hoiquy.workflows.read_data import read_source
from hoiquy.workflows.recipe_choice import RecipeChoice


def encode(
    data: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    on_event: Listener | None = None,
) -> StoreFacts:
    """Encode a data set into a new folder, a token store.

    `train(out, recipe, …)` gives the same bits as `train(data, recipe, …)`, and encodes nothing.
    Nothing is kept of an encoding that was interrupted; it is begun anew.

    Args:
        data: As in `train`.
        recipe: A recipe, its name or its file, but not "auto". The store can be trained on with any
            recipe that has the same `[text]` and `data.validation_fraction`.
        out: The folder of the store.
        options: As in `train`.
        test: As in `train`.
        validation: As in `train`.
        settings: Changes to the recipe, such as {"text.ngrams": 2}.
        on_event: Called with each event; by default a notebook shows the progress.

    Returns:
        What the store contains.

    Raises:
        DataError: The data cannot be read.
        RecipeError: The recipe or a setting is wrong, or the recipe is "auto".
        RunError: `out` holds something else.
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
            write_checksummed(folder, {STORE: UNFINISHED})
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
