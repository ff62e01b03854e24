"""Which data sets are IMDB reviews, by name."""

_NAMES = ("imdb", "imdb-train")


def is_imdb(name: str) -> bool:
    """Whether a data set of this name has reviews of IMDB, official split or not."""
    return name in _NAMES
