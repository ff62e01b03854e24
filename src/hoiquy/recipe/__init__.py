"""Recipes: all settings of a training.

recipe.py             Recipe with its tables [data] and [text]; built-in recipes by name
model.py              [model]: the layers
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
