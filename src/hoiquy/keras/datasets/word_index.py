"""Keras' word index files: JSON of word to rank."""

import json
from pathlib import Path

from hoiquy.errors import DataError
from hoiquy.keras.keras_home import keras_home
from hoiquy.system.bounded_read import read_regular_file

_MAX_BYTES = 2**26  # forty times the published size


def find_word_index(name: str, beside: Path) -> Path | None:
    """Return the file of this name in a folder or in Keras' folder; None if there is none."""
    paths = [folder / name for folder in (beside, *keras_folders())]
    return next((path for path in paths if path.is_file()), None)


def keras_folders() -> list[Path]:
    """Where Keras puts data sets: in `$KERAS_HOME` and ~/.keras."""
    homes = dict.fromkeys([keras_home(), Path("~/.keras").expanduser()])
    return [home / "datasets" for home in homes]


def read_word_index(path: Path) -> dict[str, int]:
    """Return word → rank. Raises DataError if the file is not such JSON."""
    try:
        ranks = json.loads(read_regular_file(path, _MAX_BYTES))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON ({error}); download it again") from error
    if not isinstance(ranks, dict) or not all(type(rank) is int for rank in ranks.values()):
        raise DataError(f"{path}: expected a JSON object of word: rank; download it again")
    return ranks
