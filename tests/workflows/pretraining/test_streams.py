"""Streams hold the documents in order, and their pieces are read one after the other."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.text import EncodedDocuments
from hoiquy.workflows.pretraining.streams import Streams


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12), count=st.integers(1, 5),
    steps=st.integers(1, 7), seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_pieces_make_up_the_documents(
    lengths: list[int], count: int, steps: int, seed: int
) -> None:
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    documents = EncodedDocuments(np.arange(starts[-1], dtype=np.int32), starts)
    order = np.random.default_rng(seed).permutation(len(lengths))[: len(lengths) // 2 + 1]
    streams = Streams.of(documents, order, count)
    tokens = np.concatenate([np.arange(starts[n], starts[n + 1]) for n in order])
    own = min(count, max(1, len(tokens) // 2))
    assert (streams.count, streams.length) == (own, len(tokens) // own)
    whole = tokens[: own * streams.length].reshape(own, -1)
    for backward in (False, True):
        pieces = [
            streams.piece(number, steps, backward=backward)
            for number in range(streams.pieces(steps))
        ]
        expected = whole[:, ::-1] if backward else whole
        assert all(2 <= len(piece) <= steps + 1 for piece in pieces)
        for piece, after in pairwise(pieces):
            np.testing.assert_array_equal(piece[-1], after[0])
        if pieces:
            joined = [piece[:-1] for piece in pieces] + [pieces[-1][-1:]]
            np.testing.assert_array_equal(np.concatenate(joined), expected.T)
