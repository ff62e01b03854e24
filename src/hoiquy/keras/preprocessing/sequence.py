"""The names of `keras.preprocessing.sequence`."""

from hoiquy.keras.preprocessing.padding import pad_sequences
from hoiquy.keras.preprocessing.skipgrams import make_sampling_table, skipgrams
from hoiquy.keras.preprocessing.timeseries import TimeseriesGenerator

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]
