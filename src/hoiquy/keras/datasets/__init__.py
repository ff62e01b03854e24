"""Data sets, as `keras.datasets`.

imdb.py            film reviews, as Keras publishes them
imdb_sources.py    where the reviews are on this machine
imdb_ranks.py      word ranks of reviews, equal to those in Keras' files
python2_order.py   the order of a dict in Python 2, which decides between equally frequent words
ranks_cache.py     keeps the ranks between processes
reuters.py         newswires, from Keras' file
notice.py          reports the source on stderr, once
npz.py             reads Keras' npz files (untrusted)
word_index.py      Keras' word index files
word_ranks.py      documents as word ranks, and the options of `load_data`
absent.py          data sets of Keras that are not available
"""

from hoiquy.keras.datasets.absent import register
from hoiquy.keras.lazy import lazy_attributes

_LOADED = ("imdb", "reuters")
__all__ = [*_LOADED, *register(__name__)]

__getattr__, __dir__ = lazy_attributes(__name__, {name: f"{__name__}.{name}" for name in __all__})
