"""The judge of all readers notices each thing that a reader should not do."""

import os
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz.reading import outcome, refusal
from fuzz.trap import PLANTED, TRACE
from hoiquy.errors import DataError, HoiquyError

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")


def fails(error: BaseException) -> Callable[[], object]:
    def read() -> object:
        raise error

    return read


def test_an_object_and_a_refusal_are_let_through() -> None:
    assert outcome(lambda: 7) == 7
    assert refusal(fails(DataError("a\nb"))) == "a\\nb"


def test_an_error_of_another_kind_goes_on() -> None:
    with pytest.raises(KeyError):
        outcome(fails(KeyError("x")))
    with pytest.raises(UserWarning):
        outcome(lambda: warnings.warn("x", stacklevel=1))


@pytest.mark.parametrize("error", [HoiquyError("some kind"), DataError("")])
def test_an_error_that_says_too_little(error: HoiquyError) -> None:
    with pytest.raises(AssertionError):
        outcome(fails(error))


def test_what_should_be_refused_must_be() -> None:
    with pytest.raises(AssertionError, match="not refused"):
        refusal(lambda: 7)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_is_run(protocol: int) -> None:
    with pytest.raises(AssertionError, match=r"os\.mkdir"):
        outcome(lambda: pickle.loads(PLANTED[protocol]))
    TRACE.rmdir()


def test_a_file_that_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(AssertionError, match="open"):
        outcome(lambda: path.write_bytes(b""))
    with pytest.raises(AssertionError, match="open"):
        outcome(lambda: os.close(os.open(path, os.O_RDWR)))
    assert outcome(path.read_bytes) == b""


@linux_only
def test_memory_that_is_taken_before_the_refusal() -> None:
    def read() -> object:
        try:
            return bytes(2**40)
        except MemoryError as error:
            raise DataError("too much") from error

    with pytest.raises(MemoryError):
        outcome(lambda: bytes(2**30))
    with pytest.raises(AssertionError, match="before it was refused"):
        outcome(read)
    assert outcome(lambda: len(bytes(2**26))) == 2**26
