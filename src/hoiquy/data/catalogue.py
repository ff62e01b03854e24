"""The data sets known by name."""

from dataclasses import dataclass
from difflib import get_close_matches

from hoiquy.errors import DataError
from hoiquy.system.near_names import suggestion

SUPPORTED_PATHS = (
    "a table (.csv, .tsv, .json, .jsonl, .parquet, .arrow, .xlsx), a folder for each class, a "
    "folder in the layout of aclImdb (train/pos, …), an aclImdb_v1.tar.gz, or Keras' imdb.npz"
)


@dataclass(frozen=True)
class KnownDataset:
    """A name for `load_dataset`, and a one-line description."""

    name: str
    description: str


KNOWN = (
    KnownDataset(
        "imdb",
        "the official 25,000 training and 25,000 test reviews; found on this machine or "
        "downloaded (84 MB)",
    ),
    KnownDataset(
        "imdb-train",
        "the 25,000 labelled training reviews of imdb, split 20,000/5,000; needs no network; "
        "not the official test",
    ),
    KnownDataset(
        "rotten",
        "8,530 one-sentence reviews, split 6,824/1,706; needs no network",
    ),
)


def unknown_dataset(name: str) -> DataError:
    """Return the error for a name or path that is neither known nor exists."""
    names = [known.name for known in KNOWN]
    near = get_close_matches(name.lower(), names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else suggestion(name) if name else ""
    return DataError(
        f"{name!r} is not a data set ({', '.join(names)}) and no file or folder of that name "
        f"exists{hint}"
    )
