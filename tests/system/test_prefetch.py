"""Prefetched items: the same items, errors in their place, no thread left."""

import threading
from collections.abc import Iterator

import pytest

from hoiquy.system.prefetch import prefetch


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.enumerate()
    yield
    assert threading.enumerate() == before


def failing() -> Iterator[int]:
    yield 1
    raise ValueError("second")


def test_items_come_in_order_from_a_thread() -> None:
    names: list[str] = []

    def items() -> Iterator[int]:
        for number in range(5):
            names.append(threading.current_thread().name)
            yield number

    with prefetch(items(), "maker") as made:
        assert list(made) == [0, 1, 2, 3, 4]
    assert {name.partition("_")[0] for name in names} == {"maker"}
    with prefetch(iter([]), "maker") as nothing:
        assert list(nothing) == []


def test_the_next_item_is_computed_while_one_is_used() -> None:
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    with prefetch(items(), "maker") as made:
        assert next(made) == 1
        assert second.wait(60)


def test_an_error_is_raised_where_its_item_is_requested() -> None:
    with prefetch(failing(), "maker") as made:
        assert next(made) == 1
        with pytest.raises(ValueError, match="second"):
            next(made)


def test_chained_prefetching_ends_with_its_consumer() -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        prefetch(iter(range(100)), "first") as first,
        prefetch(map(str, first), "second") as second,
    ):
        assert next(second) == "0"
        raise KeyboardInterrupt
