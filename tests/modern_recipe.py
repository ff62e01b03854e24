"""A recipe with every layer that the lab's do not have."""

from hoiquy.recipe.recipe import Recipe, parse_recipe

MODERN = """
name = "modern"

[data]
max_length = 4

[text]
num_words = 30

[[model.layers]]
type = "embedding"
units = 5
mask_zero = true

[[model.layers]]
type = "lstm"
units = 3
bidirectional = true
return_sequences = true
kernel_l2 = 0.01
dropout = 0.2

[[model.layers]]
type = "gru"
units = 4
bidirectional = true
return_sequences = true
recurrent_l2 = 0.02

[[model.layers]]
type = "pooling"
over_time = "POOLING"

[[model.layers]]
type = "dense"
units = 6
activation = "tanh"

[[model.layers]]
type = "dense"
activation = "sigmoid"
"""


def modern(pooling: str = "max") -> Recipe:
    return parse_recipe(MODERN.replace("POOLING", pooling), "modern")
