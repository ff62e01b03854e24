"""What is recorded, warned and printed once, and what the report says of it."""

import threading
import warnings
from collections.abc import Iterator

import pytest

from hoiquy.keras import usage
from hoiquy.keras.usage import IgnoredArgumentWarning
from hoiquy.messages import language


@pytest.fixture(autouse=True)
def empty_record() -> Iterator[None]:
    usage.clear()
    yield
    usage.clear()


def section(title: str) -> list[str]:
    """The entries of one section of the report."""
    entries: list[str] = []
    inside = False
    for line in usage.report_text().splitlines():
        if line.startswith("  "):
            entries += [line.strip()] if inside else []
        else:
            inside = line.startswith(title)
    return entries


def test_nothing_recorded() -> None:
    assert usage.report_text().count("none") == 5


def test_names_are_counted_most_frequent_first() -> None:
    for name in ("layers.Dense", "layers.LSTM", "layers.Dense"):
        usage.record_used(name)
    assert section("Used") == ["layers.Dense (2 times)", "layers.LSTM"]


def test_an_ignored_argument_warns_once_at_the_caller() -> None:
    with pytest.warns(IgnoredArgumentWarning, match="LSTM ignores unroll: only") as caught:
        usage.record_ignored("LSTM", "unroll", "only the speed of Keras changes")
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        usage.record_ignored("LSTM", "unroll", "only the speed of Keras changes")
    with pytest.warns(IgnoredArgumentWarning, match="GRU ignores unroll"):
        usage.record_ignored("GRU", "unroll", "only the speed of Keras changes")
    assert section("Ignored") == [
        "LSTM, unroll: only the speed of Keras changes",
        "GRU, unroll: only the speed of Keras changes",
    ]


def test_a_slow_layer_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    usage.record_slow("LSTM", "activation='relu'")
    usage.record_slow("LSTM", "activation='relu'")
    usage.record_slow("LSTM", "recurrent_dropout=0.2")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "hoiquy.keras: LSTM runs on plain kernels (slow): activation='relu'",
        "hoiquy.keras: LSTM runs on plain kernels (slow): recurrent_dropout=0.2",
    ]
    assert section("Slow") == ["LSTM: activation='relu' (2 times)", "LSTM: recurrent_dropout=0.2"]


def test_time_of_a_call_inside_another_counts_once() -> None:
    with usage.timed("fit"), usage.timed("evaluate"):
        pass
    with pytest.raises(KeyError), usage.timed("predict"):
        raise KeyError
    with usage.timed("fit"):
        pass
    assert [entry.partition(",")[0] for entry in section("Time")] == [
        "fit: 2 calls",
        "predict: 1 call",
    ]


def test_threads_lose_no_count() -> None:
    def record() -> None:
        for _ in range(500):
            usage.record_used("layers.Dense")
            usage.record_raised("layers.ConvLSTM2D")

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert section("Used") == ["layers.Dense (4,000 times)"]
    assert section("Not supported") == ["layers.ConvLSTM2D (4,000 times)"]


def test_warnings_and_report_are_in_the_default_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_chosen", ["vi"])
    with pytest.warns(IgnoredArgumentWarning, match="LSTM bỏ qua unroll: vòng lặp theo"):
        usage.record_ignored("LSTM", "unroll", "loops over time are compiled")
    for _ in range(1200):
        usage.record_used("layers.LSTM")
    with usage.timed("fit"):
        pass
    assert section("Bỏ qua") == ["LSTM, unroll: vòng lặp theo thời gian đã được biên dịch"]
    assert section("Đã dùng") == ["layers.LSTM (1.200 lần)"]
    assert section("Thời gian") == ["fit: 1 lần gọi, 0,00 giây"]
    assert "Chưa hỗ trợ (đã báo lỗi): không có" in usage.report_text()
