"""Shards are fixed, results keep their order, and threads come and go."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from hoiquy.errors import InputError
from hoiquy.nn.shards import LARGEST_SHARD, default_threads, shard_pool, shard_rows, shard_slices


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.enumerate()
    yield
    assert threading.enumerate() == before


@given(st.integers(0, 1000))
def test_shards_cover_the_batch_once(rows: int) -> None:
    shards = shard_slices(rows)
    assert [row for shard in shards for row in range(rows)[shard]] == list(range(rows))
    assert all(shard.stop - shard.start == shard_rows(rows) for shard in shards[:-1])


def test_the_size_of_a_shard_is_part_of_every_result() -> None:
    sizes = {1: 4, 8: 4, 16: 4, 17: 8, 32: 8, 128: 8, 129: 16, 256: 16, 512: 32, 10_000: 32}
    assert {batch: shard_rows(batch) for batch in sizes} == sizes
    assert shard_slices(20) == [slice(0, 8), slice(8, 16), slice(16, 20)]
    assert shard_slices(20, size=16) == [slice(0, 16), slice(16, 20)]


def test_small_networks_have_fewer_shards_and_large_ones_up_to_sixteen() -> None:
    """An LSTM on 128 inputs: batch, steps, units → rows of a shard."""
    rows = {
        (128, 200, 200): 8, (128, 25, 200): 32, (128, 50, 64): 32, (128, 50, 512): 16,
        (32, 200, 200): 8, (32, 50, 32): 16, (8, 50, 512): 4, (4, 50, 8): 4,
    }  # fmt: skip
    for (batch, steps, units), expected in rows.items():
        parameters = 4 * units * (128 + units + 1)
        work = 6.0 * batch * steps * parameters
        assert shard_rows(batch, work, parameters) == expected, (batch, steps, units)


@given(st.integers(1, 2000), st.floats(1, 1e15), st.integers(0, 10**8))
def test_more_work_never_means_larger_shards(batch: int, work: float, parameters: int) -> None:
    rows = shard_rows(batch, work, parameters)
    assert rows >= shard_rows(batch, 2 * work, parameters) >= 4
    assert len(shard_slices(batch, rows)) <= max(16, -(-batch // 32))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_shard_runs_once_with_its_number(threads: int) -> None:
    with shard_pool(threads) as pool:
        results = list(pool.map(lambda shard, rows: (shard, rows), 150))
    assert results == list(enumerate(shard_slices(150)))


def test_results_come_in_the_order_of_the_shards_not_of_their_end() -> None:
    second_is_done = threading.Event()
    ended = []

    def run(shard: int, rows: slice) -> int:
        if shard == 0:
            assert second_is_done.wait(30)
        ended.append(shard)
        if shard == 1:
            second_is_done.set()
        return shard

    with shard_pool(2) as pool:
        assert list(pool.map(run, 2 * 4)) == [0, 1]
    assert ended == [1, 0]


def test_shards_run_side_by_side() -> None:
    meeting = threading.Barrier(3)
    with shard_pool(3) as pool:
        arrived = list(pool.map(lambda shard, rows: meeting.wait(30), 3 * 4))
    assert sorted(arrived) == [0, 1, 2]


def test_an_error_in_a_shard_comes_out() -> None:
    def run(shard: int, rows: slice) -> None:
        if shard == 2:
            raise ArithmeticError("shard 2")

    with shard_pool(2) as pool, pytest.raises(ArithmeticError, match="shard 2"):
        list(pool.map(run, 200))


def test_an_error_outside_ends_the_threads_and_drops_what_waits() -> None:
    started: list[int] = []
    may_go_on = threading.Event()

    def run(shard: int, rows: slice) -> None:
        started.append(shard)
        may_go_on.wait(30)

    def interrupted() -> None:
        with shard_pool(1) as pool:
            pool.map(run, 100 * LARGEST_SHARD)
            threading.Timer(0.1, may_go_on.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(started) < 5


def blas_threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_blas_keeps_to_one_thread_meanwhile() -> None:
    before = blas_threads()
    with shard_pool(2):
        assert blas_threads() <= {1}
    assert blas_threads() == before


def test_hoiquy_threads_sets_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_threads() >= 1
    monkeypatch.setenv("HOIQUY_THREADS", "3")
    assert default_threads() == 3
    monkeypatch.setenv("HOIQUY_THREADS", "")
    assert default_threads() >= 1


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", " 2", "²", "9" * 5000])
def test_other_values_of_hoiquy_threads_are_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_THREADS", value)
    with pytest.raises(InputError, match="expected a number of threads"):
        default_threads()


def test_a_single_shard_runs_in_the_calling_thread() -> None:
    with shard_pool(2) as pool:
        here = list(pool.map(lambda shard, rows: threading.current_thread(), 4))
        elsewhere = list(pool.map(lambda shard, rows: threading.current_thread(), 4 + 1))
    assert here == [threading.current_thread()]
    assert threading.current_thread() not in elsewhere


def test_calls_that_overlap_leave_the_number_of_blas_threads_as_it_was() -> None:
    first, second = ExitStack(), ExitStack()
    with threadpool_limits(3, user_api="blas"):
        before = blas_threads()
        first.enter_context(shard_pool())
        second.enter_context(shard_pool())
        first.close()
        assert blas_threads() == {1}
        second.close()
        assert blas_threads() == before
