"""Messages arrive with every bit, and what is no message does no harm."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import hoiquy.distributed.pieces
from hoiquy.distributed.handshake import admitted, join
from hoiquy.distributed.inbox import Inbox
from hoiquy.distributed.pieces import gradient_message, joined, pieces, read_gradient
from hoiquy.distributed.wire import Connection, LostError, Message
from hoiquy.nn.kernels import Gradient, RowGradient

DTYPES = st.sampled_from(["<f4", "<f8", "<i4", "<i8"])
ANY_ARRAY = DTYPES.flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0))
)
FACTS = st.dictionaries(st.text(), st.floats(allow_nan=False) | st.integers() | st.text())
SHORT = settings(max_examples=30, deadline=None)


@contextmanager
def connected() -> Iterator[tuple[Connection, Connection]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        other, _ = listener.accept()
    ends = Connection(one, "one", 30), Connection(other, "the other", 30)
    try:
        yield ends
    finally:
        for end in ends:
            end.close()


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@given(st.text(), FACTS, st.dictionaries(st.text(), ANY_ARRAY, max_size=4))
@SHORT
def test_a_message_comes_out_as_it_went_in(kind, facts, contents) -> None:  # type: ignore[no-untyped-def]
    with connected() as (one, other):
        one.send(Message(kind, facts, contents))
        one.send(Message("after it"))
        message = other.receive()
        assert (message.kind, message.facts, list(message.arrays)) == (kind, facts, list(contents))
        assert all(same_bits(message.arrays[name], contents[name]) for name in contents)
        assert other.receive() == Message("after it")


def read_again(gradient: Gradient) -> Gradient:
    with connected() as (one, other):
        one.send(gradient_message(gradient))
        return read_gradient(other.receive())


@given(
    st.sampled_from(["<f4", "<f8"]), st.integers(1, 40), st.integers(1, 5), st.floats(0, 1),
    st.integers(0, 99), st.integers(4, 200),
)  # fmt: skip
@SHORT
def test_a_gradient_comes_out_of_its_pieces_as_it_went_in(
    dtype: str, height: int, units: int, share: float, seed: int, piece_bytes: int
) -> None:
    rng = np.random.default_rng(seed)
    some = np.flatnonzero(rng.random(height) < share)
    values = rng.standard_normal((len(some), units)).astype(dtype)
    values[:1] = -0.0  # it is not +0.0, and -0.0 + -0.0 shows that
    values[1:2] = np.nan
    table = RowGradient(some, values)
    for gradient, whole in (
        (table, table.dense(height)), (table.dense(height), table.dense(height)),
        (values.ravel(), values.ravel()),
    ):  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hoiquy.distributed.pieces, "_PIECE_BYTES", piece_bytes)
            cut = list(pieces({"a": whole, "b": whole[:1]}))
        both = {"a": gradient, "b": whole[:1]}
        again = joined((piece, read_again(piece.of(both[piece.name]))) for piece in cut)["a"]
        assert isinstance(again, RowGradient) == (gradient is table)
        dense = again.dense(height) if isinstance(again, RowGradient) else again
        assert same_bits(dense, whole)


@pytest.mark.parametrize(("rows_read", "kind"), [(3, "table"), (100, "dense")])
def test_a_table_of_zeros_travels_as_the_rows_that_were_read(rows_read: int, kind: str) -> None:
    dense = np.zeros((100, 64), np.float32)
    dense[:rows_read] = 1
    message = gradient_message(dense)
    size = sum(len(part) for part in message.parts())
    assert message.kind == kind and size < rows_read * (64 * 4 + 8) + 300


@given(st.binary(max_size=60))
@SHORT
def test_what_is_no_message_is_a_lost_connection(content: bytes) -> None:
    with connected() as (one, other):
        one.socket.sendall(content)
        one.end()
        with pytest.raises(LostError, match="the other: "):
            other.receive()


@pytest.mark.parametrize(
    "header",
    [
        ["a"], 5, ["a", {}, [["x", "|O", [2]]]], ["a", {}, [["x", "<f4", [-1]]]],
        ["a", {}, [["x", "<f4", [1 << 50]]]], ["a", {}, [["x", "<f4", ["2"]]]], ["a", 3, []],
    ],
)  # fmt: skip
def test_headers_that_nobody_sends_are_refused(header: object) -> None:
    with connected() as (one, other):
        text = json.dumps(header).encode()
        one.socket.sendall(struct.pack("<I", len(text)) + text)
        with pytest.raises(LostError, match="no message"):
            other.receive()


def test_an_inbox_reads_all_while_others_are_waited_for() -> None:
    large = Message("large", {}, {"x": np.arange(3_000_000, dtype=np.float32)})
    with connected() as (one, other), connected() as (third, fourth), Inbox() as inbox:
        inbox.listen(other)
        inbox.listen(fourth)
        for _ in range(3):
            one.send(large)  # far more than a socket holds, and nobody has asked for it
        third.send(Message("small"))
        assert inbox.take(fourth, 30) == Message("small")
        for _ in range(3):
            assert same_bits(inbox.take(other, 30).arrays["x"], large.arrays["x"])
        with pytest.raises(LostError, match="the other: nothing for"):
            inbox.take(other, 0.01)
        third.end()
        with pytest.raises(LostError, match="the other: the connection has ended"):
            inbox.take(other, 30)


def test_only_who_knows_the_token_gets_in() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        guests: list[socket.socket | None] = []
        for token in ("that of another training", "right"):
            thread = threading.Thread(target=lambda: guests.append(admitted(listener, "right")))
            thread.start()
            with socket.create_connection(listener.getsockname()) as mine:
                if token == "right":
                    join(mine, token, 30)
                else:
                    with pytest.raises(LostError, match="ended"):
                        join(mine, token, 30)
                thread.join()
        assert guests[0] is None and guests[1] is not None
        guests[1].close()


def test_a_guest_does_not_trust_whom_it_meets() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as mine,
        listener.accept()[0] as false_host,
    ):
        false_host.sendall(bytes(64))
        with pytest.raises(LostError, match="does not know the token"):
            join(mine, "right", 30)
