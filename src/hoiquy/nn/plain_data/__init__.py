"""Layers and optimizers as plain data, as files hold them, and back, by their dataclass fields.

values.py      numbers, strings, lists: checked by type hint
objects.py     initializers, regularizers and constraints: a name, or a table with a type
kinds.py       the types of layers
layers.py      layers: a type in snake case and its settings
optimizers.py  optimizers: a type and its settings
"""
