"""The threads of a prediction: BLAS has one while any call computes."""

from contextlib import ExitStack
from typing import cast

from threadpoolctl import threadpool_info, threadpool_limits

from hoiquy.nn.shards import shard_slices
from hoiquy.prediction.threads import prediction_pool


def blas_threads() -> set[int]:
    info = cast("list[dict[str, int | str]]", threadpool_info())
    return {int(one["num_threads"]) for one in info if one["user_api"] == "blas"}


def test_calls_that_overlap_leave_the_number_of_blas_threads_as_it_was() -> None:
    first, second = ExitStack(), ExitStack()
    with threadpool_limits(3, user_api="blas"):
        before = blas_threads()
        first.enter_context(prediction_pool())
        second.enter_context(prediction_pool())
        first.close()
        assert blas_threads() == {1}
        second.close()
        assert blas_threads() == before


def test_results_come_in_the_order_of_the_shards() -> None:
    with prediction_pool() as pool:
        found = list(pool.map(lambda number, rows: (number, rows.start), 100))
    assert found == [(at, rows.start) for at, rows in enumerate(shard_slices(100))]
