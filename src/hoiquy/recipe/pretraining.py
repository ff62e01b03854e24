"""`[pretraining]` of a recipe: how `hoiquy pretrain` learns a language model from bare texts."""

from typing import Annotated

from pydantic import Field

from hoiquy.recipe.training import Table


class PretrainingTable(Table):
    """What is about the language model alone; text, layers, lengths and seed are the recipe's."""

    learning_rate: Annotated[float, Field(gt=0, le=10)] = 2e-3  # at its highest
    batch_size: Annotated[int, Field(ge=1)] = 32  # pieces of documents
    epochs: Annotated[int, Field(ge=1)] = 1
    negatives: Annotated[int, Field(ge=1, le=2**20)] = 512  # words drawn against the right one
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1  # of the embedded words
    clip_norm: Annotated[float, Field(gt=0)] = 1.0  # most the norm of all gradients may be
    held_out_documents: Annotated[int, Field(ge=1)] = 400  # for the perplexity; a tenth at most
