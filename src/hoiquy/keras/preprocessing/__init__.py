"""Preparation of texts and series, as `keras.preprocessing`.

sequence.py    names of `keras.preprocessing.sequence`
text.py        names of `keras.preprocessing.text`
padding.py     pad_sequences
timeseries.py  TimeseriesGenerator
skipgrams.py   skipgrams and make_sampling_table
tokenizer.py   Tokenizer and tokenizer_from_json
matrix.py      document-term matrices of Tokenizer
words.py       text_to_word_sequence, one_hot and hashing_trick
"""

from hoiquy.keras.lazy import lazy_attributes

__all__ = ["sequence", "text"]

__getattr__, __dir__ = lazy_attributes(__name__, {name: f"{__name__}.{name}" for name in __all__})
