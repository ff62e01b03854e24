"""Data sets as pipelines of Python's iterators, with the names of `tf.data`.

dataset.py          Dataset: functions of elements, their order and number
batches.py          batches and windows
base.py             what a data set consists of
sources.py          arrays, generators and data sets as data sets
transformations.py  what the methods do to an iterator
elements.py         elements: tensors, tuples and dictionaries of them
cardinality.py      how many elements a data set has
"""
