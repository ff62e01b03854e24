"""Indices that are no word of the vocabulary, as in Keras' IMDB reviews."""

PAD = 0

# Used by n-grams, the wide branch and language models, which require this numbering.
START = 1
OUT_OF_VOCABULARY = 2
FIRST_WORD = 4
