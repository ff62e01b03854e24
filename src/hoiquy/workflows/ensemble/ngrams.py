"""The n-grams of the linear classifier, by the size of the data and the time."""

from hoiquy.linear.features import NgramSettings
from hoiquy.recipe.recipe import Recipe
from hoiquy.workflows.ensemble.data_size import DataSize

_MOST_CHARACTERS_OF_ALL = 16_000_000  # of texts whose n-grams of characters fit into 2 GB
# How much of the time the linear classifier may take, and how much faster it is on words alone.
_SHARE_OF_LINEAR, _FASTER_OF_WORDS = 0.6, 5
# n-grams of characters within words are tried, too, where that takes next to no time or memory.
_WITHIN_WORDS = (2, 5)
_SHARE_OF_TRIAL, _MOST_CHARACTERS_OF_TRIAL = 0.1, 4_000_000
_MOST_NGRAMS = 1_000_000  # of words, and of characters
_BYTES = 40_000_000  # of the stored linear classifier: a run folder has at most 100 MB
_BYTES_OF_SMALL = 6_000_000
_BYTES_OF_AN_NGRAM = 12  # key and idf; and 2 for the coefficient of each class


def ngrams_of(
    base: Recipe, size: DataSize, seconds: float | None = None, small: bool = False
) -> NgramSettings:
    """The n-grams of the linear classifier: single characters count where words do not recur.

    Of many long texts, n-grams of characters take minutes and gigabytes, and gain little.

    Args:
        base: The recipe `auto` for the data set.
        size: Of the data set; a coefficient for each class is stored.
        seconds: The time for all of the training, if it is limited.
        small: Whether the classifier has to be small and fast.
    """
    words, longest, most_bytes = (2, 5, _BYTES_OF_SMALL) if small else (3, 6, _BYTES)
    by_characters = base.text.tokenizer == "characters"
    excess = 0.0 if seconds is None else size.linear_seconds / (_SHARE_OF_LINEAR * seconds)
    is_large = size.characters > _MOST_CHARACTERS_OF_ALL or excess > 1
    lengths = (1, longest) if by_characters else None if is_large else (2, longest)
    if lengths is None and excess > _FASTER_OF_WORDS:
        words = 1
    kinds = 1 if lengths is None else 2
    most = min(_MOST_NGRAMS, most_bytes // (kinds * (_BYTES_OF_AN_NGRAM + 2 * size.classes)))
    return NgramSettings(words, lengths, most=most)


def ngrams_within_words(
    ngrams: NgramSettings, size: DataSize, seconds: float | None = None
) -> tuple[int, int] | None:
    """The n-grams of characters within words that are worth a trial; None for no trial.

    Args:
        ngrams: Those of the linear classifier, from `ngrams_of`.
        size: Of the data set.
        seconds: The time for all of the training, if it is limited.
    """
    if not ngrams.words or ngrams.characters is None or min(ngrams.characters) < 2:
        return None
    is_long = size.characters > _MOST_CHARACTERS_OF_TRIAL
    if is_long or (seconds is not None and size.linear_seconds > _SHARE_OF_TRIAL * seconds):
        return None
    return _WITHIN_WORDS
