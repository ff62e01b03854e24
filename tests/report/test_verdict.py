"""LSTM versus GRU: what is claimed, and what is not."""

from pathlib import Path

import numpy as np
import pytest
from hoiquy.report.verdict import lstm_versus_gru
from synthetic_runs import write_run

from hoiquy.errors import RunError
from hoiquy.runs import Run

LSTM_WRONG, GRU_WRONG, BOTH_WRONG = 1_000, 1_070, 2_107


def pair(
    folder: Path, only_lstm_wrong: int, only_gru_wrong: int, both: int = 2_000
) -> tuple[Run, Run]:
    """Two runs on 25,000 documents that are wrong about as many, in part the same ones."""
    order = np.random.default_rng(0).permutation(25_000).tolist()
    shared, rest = order[:both], order[both:]
    lstm_only = rest[:only_lstm_wrong]
    gru_only = rest[only_lstm_wrong : only_lstm_wrong + only_gru_wrong]
    return (
        write_run(folder / "bai3", "bai3", wrong=[*shared, *lstm_only]),
        write_run(folder / "bai5", "bai5", wrong=[*shared, *gru_only]),
    )


def test_the_published_accuracies_show_no_difference(tmp_path: Path) -> None:
    lstm, gru = pair(tmp_path, LSTM_WRONG, GRU_WRONG, BOTH_WRONG)
    assert lstm_versus_gru(lstm, gru, "en") == (
        "No detectable difference: LSTM 87.57 %, GRU 87.29 % on the same 25,000 test documents; "
        "difference (LSTM − GRU) 0.28 points (95 % interval −0.08 to 0.64), McNemar p = 0.13. "
        "That is one training of each: it compares these two trained networks, not the two "
        "architectures."
    )
    assert lstm_versus_gru(lstm, gru, "vi") == (
        "Chưa phát hiện được khác biệt: LSTM 87,57 %, GRU 87,29 % trên cùng 25.000 văn bản kiểm "
        "tra; chênh lệch (LSTM − GRU) 0,28 điểm phần trăm (khoảng tin cậy 95 % từ −0,08 đến "
        "0,64), kiểm định McNemar p = 0,13. Mỗi mạng chỉ được huấn luyện một lần: kết quả này so "
        "sánh hai mạng đã huấn luyện, chưa phải hai kiến trúc."
    )


@pytest.mark.parametrize(
    ("lstm_wrong", "gru_wrong", "winner"), [(900, 1200, "LSTM"), (1200, 900, "GRU")]
)
def test_a_clear_winner_is_named(
    tmp_path: Path, lstm_wrong: int, gru_wrong: int, winner: str
) -> None:
    lstm, gru = pair(tmp_path, lstm_wrong, gru_wrong)
    english = lstm_versus_gru(lstm, gru, "en")
    assert english.startswith(f"{winner} is better on these documents: ")
    assert ("1.20 points" in english) and ("p < 0.001" in english)
    assert english.endswith("not the two architectures.")
    assert lstm_versus_gru(lstm, gru, "vi").startswith(f"{winner} tốt hơn trên các văn bản này: ")


def test_equal_networks(tmp_path: Path) -> None:
    lstm, gru = pair(tmp_path, 0, 0)
    assert "difference (LSTM − GRU) 0.00 points" in lstm_versus_gru(lstm, gru, "en")
    assert "p = 1.00" in lstm_versus_gru(lstm, gru, "en")


def test_disagreeing_interval_and_test_claim_nothing(tmp_path: Path) -> None:
    """Here the interval excludes 0 (0.5 to 11.9 points) but p = 0.052: the cautious answer."""
    both, first, second = range(80), range(80, 96), range(96, 102)
    lstm = write_run(tmp_path / "bai3", documents=161, wrong=[*both, *second])
    gru = write_run(tmp_path / "bai5", "bai5", documents=161, wrong=[*both, *first])
    english = lstm_versus_gru(lstm, gru, "en")
    assert english.startswith("No detectable difference")
    assert "(95 % interval 0.46 to 11.86), McNemar p = 0.052" in english


def test_other_data_cannot_be_compared(tmp_path: Path) -> None:
    lstm = write_run(tmp_path / "bai3", documents=50)
    gru = write_run(tmp_path / "bai5", "bai5", documents=50, data_fingerprint="0" * 64)
    with pytest.raises(RunError, match="different data") as caught:
        lstm_versus_gru(lstm, gru, "en")
    assert str(lstm.folder) in str(caught.value)
    assert str(gru.folder) in str(caught.value)


def test_other_labels_cannot_be_compared(tmp_path: Path) -> None:
    lstm = write_run(tmp_path / "bai3", documents=50)
    gru = write_run(tmp_path / "bai5", "bai5", documents=50, labels=[0, 0, *[0, 1] * 24])
    with pytest.raises(RunError, match="different test documents"):
        lstm_versus_gru(lstm, gru, "vi")


def test_interrupted_run_cannot_be_compared(tmp_path: Path) -> None:
    lstm = write_run(tmp_path / "bai3", documents=50)
    gru = write_run(tmp_path / "bai5", "bai5", documents=50, accuracy=None)
    with pytest.raises(RunError, match=r"holds no predictions\.parquet"):
        lstm_versus_gru(lstm, gru, "en")
