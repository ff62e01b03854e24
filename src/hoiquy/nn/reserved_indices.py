"""Indices that stand for no word of the vocabulary, as in Keras' IMDB reviews."""

PAD = 0

# Used by n-grams, the wide part and language models, which only read this numbering.
START = 1
OUT_OF_VOCABULARY = 2
FIRST_WORD = 4
