"""The perplexity of the held-out documents, over all words."""

import time

from hoiquy.nn.shards import ShardPool
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.workflows.pretraining.corpus import Corpus
from hoiquy.workflows.pretraining.gradients import Sums, all_rows, piece_loss
from hoiquy.workflows.pretraining.language_model import LanguageModel
from hoiquy.workflows.pretraining.streams import Streams

_STREAMS = 16


def score_held_out(
    model: LanguageModel,
    corpus: Corpus,
    table: PretrainingTable,
    pool: ShardPool,
    most_pieces: int | None = None,
) -> Sums:
    """The loss of the held-out documents; of the first pieces of them, if so many are given."""
    streams = Streams.of(corpus.documents, corpus.held_out, _STREAMS)
    reader, rows = model.with_streams(streams.count), all_rows(model)
    loss, targets = 0.0, 0
    for number in range(streams.pieces(table.piece_length))[:most_pieces]:
        pieces = streams.pieces_of(number, table.piece_length, model.directions)
        sums = piece_loss(reader, pieces, rows, pool)
        loss, targets = loss + sums.loss, targets + sums.targets
    return Sums(loss, targets)


def scoring_seconds(
    model: LanguageModel, corpus: Corpus, table: PretrainingTable, pool: ShardPool
) -> float:
    """What a perplexity takes, by the time of a piece."""
    streams = Streams.of(corpus.documents, corpus.held_out, _STREAMS)
    score_held_out(model, corpus, table, pool, 1)  # the first call of anything takes longer
    start = time.perf_counter()
    score_held_out(model, corpus, table, pool, 1)
    return (time.perf_counter() - start) * streams.pieces(table.piece_length)
