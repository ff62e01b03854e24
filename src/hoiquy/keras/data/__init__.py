"""Arrays of any kind that scripts hand to `fit`, `evaluate` and `predict`, made uniform.

conversion.py   one array from lists, pandas and NumPy
inputs.py       the inputs of a model
targets.py      targets and weights
batches.py      generators, sequences and other iterables of batches
"""
