"""Word vectors from files that other programs wrote.

reading.py        read_vectors: the vectors of the words of a vocabulary
spellings.py      under which spellings a word is looked up
source.py         the bytes of a file: unpacked, hashed, in blocks
detection.py      the format of a file, by its content
other_formats.py  what a file is that has no vectors this package reads
text_rows.py      word2vec text, fastText .vec and GloVe: a word and its numbers a line
word2vec_binary.py  word2vec binary
fasttext_model.py   fastText .bin: its words, and rows of its matrix
fasttext_ngrams.py  the character n-grams of fastText

The files are untrusted and may be larger than memory: they are read once, in blocks, and only the
rows of the words that are asked for are kept. Nothing is unpickled.
"""

from hoiquy.text.vectors.detection import Format, Layout
from hoiquy.text.vectors.reading import WordVectors, layout_of, read_vectors, sha256_of

__all__ = ["Format", "Layout", "WordVectors", "layout_of", "read_vectors", "sha256_of"]
