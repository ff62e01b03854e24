"""Texts to numbers, as the preprocessing layers of Keras do it, on arrays.

standards.py   standardize, split and n-grams of TextVectorization
vocabulary.py  tokens and their indices: adapt, look up, encode
ragged.py      rows of different lengths
encoding.py    one-hot, multi-hot and counts of indices
nn_layer.py    the layer of `hoiquy.nn` that turns texts into numbers within a model
"""
