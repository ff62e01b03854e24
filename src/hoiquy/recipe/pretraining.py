"""`[pretraining]` of a recipe: how `hoiquy pretrain` trains the language model."""

from typing import Annotated

from pydantic import Field

from hoiquy.recipe.training import Table


class PretrainingTable(Table):
    """`[pretraining]`; text, layers, lengths and seed come from the other tables."""

    learning_rate: Annotated[float, Field(gt=0, le=10)] = 2e-3  # peak of the schedule
    batch_size: Annotated[int, Field(ge=1)] = 32  # segments of documents
    epochs: Annotated[int, Field(ge=1)] = 1
    negatives: Annotated[int, Field(ge=1, le=2**20)] = 512  # negative samples
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1  # of the embedded words
    clip_norm: Annotated[float, Field(gt=0)] = 1.0  # maximum global norm of the gradients
    held_out_documents: Annotated[int, Field(ge=1)] = 400  # for the perplexity; at most 10% of all
