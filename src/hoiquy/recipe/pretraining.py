"""`[pretraining]` of a recipe: how `hoiquy pretrain` trains the language model."""

from typing import Annotated

from pydantic import Field

from hoiquy.recipe.training import Table

Rate = Annotated[float, Field(ge=0, lt=1)]


class PretrainingTable(Table):
    """`[pretraining]`; text, layers and seed come from the other tables."""

    learning_rate: Annotated[float, Field(gt=0, le=10)] = 4e-3  # peak of the schedule
    batch_size: Annotated[int, Field(ge=1)] = 32  # streams of documents
    piece_length: Annotated[int, Field(ge=1)] = 64  # words of each stream in a step
    epochs: Annotated[int, Field(ge=1)] = 1
    steps_per_epoch: Annotated[int, Field(ge=1)] | None = None  # by default a pass over all texts
    warm_up_steps: Annotated[int, Field(ge=1)] = 200  # at most; a tenth of all where those are few
    candidates: Annotated[int, Field(ge=2, le=2**20)] = 4096  # words of the softmax in training
    dropout: Rate = 0.1  # of what each layer reads, and of the last states
    weight_dropout: Rate = 0.0  # of the weights between states
    embedding_dropout: Rate = 0.0  # of whole words
    clip_norm: Annotated[float, Field(gt=0)] = 1.0  # maximum global norm of the gradients
    held_out_documents: Annotated[int, Field(ge=1)] = 400  # for the perplexity; at most 10% of all
