"""Worker processes give the same tokens as this process; a killed one is reported."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.errors import DataError, HoiquyError, WriteError
from hoiquy.text import TokenCounts, Vocabulary, count_tokens, token_counts
from hoiquy.text.processes import in_processes
from hoiquy.text.splitting import split_and_encode
from hoiquy.text.token_buffer import TokenBuffer
from hoiquy.text.tokenizer import LAB, Tokenizer

ALPHABET = "ab Z.'\n\t\r\x85\xa0\u2028İΣσßé\ud800😀\x00"
TEXTS = st.lists(st.text(alphabet=ALPHABET, max_size=12), max_size=9)
UNICODE = Tokenizer("vietnamese", "unicode+punctuation")

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def two() -> Iterator[Any]:
    """Two processes that split by either of two tokenizers, for all examples."""
    with in_processes(split_by_either, 2) as run:
        yield run


def split_by_either(texts: Sequence[str]) -> Any:
    """The first text selects the tokenizer of the others."""
    return split_and_encode(UNICODE if texts[0] == "unicode" else LAB, texts[1:])


def counted(texts: Sequence[str], rules: Tokenizer, run: Any, chunk: int) -> TokenCounts:
    """Count tokens in the processes, a few texts at a time."""
    name = "unicode" if rules == UNICODE else "lab"

    @contextmanager
    def workers(work: Any, texts: Sequence[str], size: int) -> Iterator[Any]:
        yield (lambda some: run([name, *some])), 2, size

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_counts, "_workers", workers)
        patch.setattr(token_counts, "_CHUNK", chunk)
        patch.setattr(token_counts, "_BLOCK_TOKENS", 8)
        return count_tokens(texts, rules)


@given(TEXTS, st.sampled_from([LAB, UNICODE]), st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_processes_give_the_bits_of_this_one(
    two: Any, texts: list[str], rules: Tokenizer, chunk: int
) -> None:
    here, there = count_tokens(texts, rules), counted(texts, rules, two, chunk)
    assert there.words == here.words
    assert there.numbers.tobytes() == here.numbers.tobytes()
    np.testing.assert_array_equal(there.starts, here.starts)


def test_much_text_goes_to_processes_and_little_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def counting(work: Any, count: int) -> Any:
        started.append(count)
        return in_processes(work, count)

    monkeypatch.setattr(token_counts, "in_processes", counting)
    monkeypatch.setenv("HOIQUY_THREADS", "2")
    texts = [f"w{number} the b{number % 7}" for number in range(450)]
    expected = Vocabulary.build(texts, 100)
    encoded = expected.encode_all(texts)
    assert started == []
    monkeypatch.setattr(token_counts, "_PROCESS_CHARACTERS", 4_000)
    monkeypatch.setattr(token_counts, "_PROCESS_CHUNK", 100)
    vocabulary = Vocabulary.build(texts, 100)
    assert vocabulary == expected
    again = vocabulary.encode_all(texts)
    assert started == [2, 2]
    assert again.indices[:].tobytes() == encoded.indices[:].tobytes()
    np.testing.assert_array_equal(again.starts, encoded.starts)
    monkeypatch.setenv("HOIQUY_THREADS", "1")
    assert Vocabulary.build(texts, 100) == expected
    assert started == [2, 2]


def test_chunks_of_long_texts_are_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def counting(rules: Tokenizer, texts: Sequence[str]) -> Any:
        taken.append(len(texts))
        return split_and_encode(rules, texts)

    texts = ["a b c d e "] * 450
    expected = count_tokens(texts)
    monkeypatch.setattr(token_counts, "split_and_encode", counting)
    monkeypatch.setattr(token_counts, "_MAX_CHUNK_CHARACTERS", 1_000)
    assert count_tokens(texts).numbers.tobytes() == expected.numbers.tobytes()
    assert set(taken) == {100, 50}


def fail(texts: Sequence[str]) -> Any:
    raise DataError(f"no {texts[0]}")


def test_an_error_of_a_process_is_raised_here() -> None:
    with in_processes(fail, 1) as run:
        for what in ("words", "letters"):  # the process continues after an error
            with pytest.raises(DataError, match=f"no {what}"):
                run([what])


def die(texts: Sequence[str]) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_process_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def dying(work: Any, count: int) -> Iterator[Any]:
        with in_processes(die, count) as run:
            yield run

    monkeypatch.setattr(token_counts, "in_processes", dying)
    monkeypatch.setattr(token_counts, "_PROCESS_CHARACTERS", 1)
    monkeypatch.setenv("HOIQUY_THREADS", "2")
    with pytest.raises(HoiquyError, match=r"ended with code -9, .*HOIQUY_THREADS=1") as raised:
        count_tokens(["a b"] * 5_000)
    assert "\n" not in str(raised.value)


def own_number(texts: Sequence[str]) -> int:
    return os.getpid()


def test_no_process_outlives_its_block() -> None:
    with pytest.raises(KeyboardInterrupt), in_processes(own_number, 2) as run:
        number = run([])
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_no_process_outlives_an_error_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    @contextmanager
    def two_of_them(work: Any, texts: Sequence[str], size: int) -> Iterator[Any]:
        with in_processes(work, 1) as run, in_processes(own_number, 1) as other:
            started.append(other([]))
            yield run, 1, 5

    def full(*_: Any) -> None:
        raise WriteError("no room")

    monkeypatch.setattr(token_counts, "_workers", two_of_them)
    monkeypatch.setattr(token_counts, "_BLOCK_TOKENS", 1)
    monkeypatch.setattr(TokenBuffer, "write", full)
    with pytest.raises(WriteError) as kept:
        count_tokens(["a b"] * 400)
    assert kept.value.__traceback__ is not None and len(started) == 1
    assert not is_there(started[0])


SCRIPT = """
import os, signal
from hoiquy.text.processes import in_processes
from test_processes import own_number
with in_processes(own_number, 1) as run:
    print(run([]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_processes_end_with_the_one_that_started_them() -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 120
    while is_there(int(killed.stdout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_there(int(killed.stdout))


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
