"""Recipes: all settings of a training.

recipe.py             Recipe with its tables [data] and [text]; built-in recipes by name
model.py              [model]: the layers and their connections
layer_tables.py       [[model.layers]]: a table for each layer
layers.py             the tables as layers of nn; the check of shapes
from_graph.py         a graph of nn as tables
training.py           [training]: loss, optimizer, schedule, early stopping
pretraining.py        [pretraining]: the language model
builtin/              the built-in recipes (TOML)
auto.py               fits the recipe `auto` to a data set
overrides.py          --set KEY=VALUE
toml.py               reads TOML files
validation_errors.py  validation errors as one-line messages
layer_sizes.py        embedding rows; limits on layer sizes
tokenizer.py          the tokenizer of a recipe
"""
