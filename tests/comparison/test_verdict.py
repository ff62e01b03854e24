"""What is claimed, what is not, and in which words."""

from pathlib import Path

import pytest

from hoiquy.comparison import compare_runs, verdict_text
from hoiquy.comparison.baselines import Baseline, BaselineFacts
from hoiquy.messages import LANGUAGES
from trained_runs import answers, right_about, write_seeds, write_trained


def simple(name: str = "nb-svm") -> Baseline:
    facts = BaselineFacts(name, {}, "data", "ab" * 32, ["neg", "pos"], 2.5, 70)
    return Baseline(facts, answers(right_about(2_000, range(280))))


def test_no_difference_between_seeds(tmp_path: Path) -> None:
    runs = write_seeds(tmp_path, [0.86, 0.87, 0.88])
    runs += write_seeds(tmp_path, [0.865, 0.87, 0.86], "bai5")
    found = compare_runs(runs).relabelled({"bai3": "LSTM", "bai5": "GRU"})
    assert verdict_text(found.pairs[0], found, "en") == (
        "No detectable difference between LSTM and GRU: 87.00% (95% interval 84.52–89.48) against "
        "86.50% (85.26–87.74), p = 0.50. Smallest detectable difference: 2.71 points. Accuracy "
        "intervals are over the seeds (3 of LSTM, 3 of GRU). The test treats both seeds and "
        "documents as random, so the verdict applies to the architectures."
    )
    assert verdict_text(found.pairs[0], found, "vi") == (
        "Chưa phát hiện được khác biệt giữa LSTM và GRU: 87,00% (khoảng tin cậy 95%: 84,52–89,48) "
        "so với 86,50% (85,26–87,74), p = 0,50. Khác biệt nhỏ nhất có thể phát hiện được: 2,71 "
        "điểm phần trăm. Khoảng tin cậy của accuracy tính theo seed (3 seed của LSTM, 3 seed của "
        "GRU). Phép kiểm định coi cả seed lẫn văn bản là ngẫu nhiên nên kết luận áp dụng cho kiến "
        "trúc."
    )


@pytest.mark.parametrize("swapped", [False, True])
def test_the_better_one_is_named_first(tmp_path: Path, swapped: bool) -> None:
    runs = write_seeds(tmp_path, [0.80]) + write_seeds(tmp_path, [0.88], "bai5")
    found = compare_runs(runs[::-1] if swapped else runs)
    english = verdict_text(found.pairs[0], found, "en")
    assert english.startswith(
        "In these trainings bai5 did better than bai3: 88.00% (95% interval 86.50–89.35) against "
        "80.00% (78.19–81.69), a difference of 8.00 points (95% interval 5.72 to 10.2"
    )
    assert "p < 0.001." in english
    assert english.endswith(
        "Each network was trained once, so this compares two trained networks, not two "
        "architectures."
    )
    vietnamese = verdict_text(found.pairs[0], found, "vi")
    assert vietnamese.startswith(
        "Trong các lần huấn luyện này, bai5 tốt hơn bai3: 88,00% (khoảng tin cậy 95%: "
        "86,50–89,35) so với 80,00% (78,19–81,69), chênh lệch 8,00 điểm phần trăm"
    )


def test_of_several_seeds_the_better_recipe_is_said_to_be_better(tmp_path: Path) -> None:
    runs = write_seeds(tmp_path, [0.80, 0.81, 0.80])
    runs += write_seeds(tmp_path, [0.88, 0.881, 0.882], "bai5")
    found = compare_runs(runs)
    english, vietnamese = (verdict_text(found.pairs[0], found, lang) for lang in LANGUAGES[::-1])
    assert english.startswith("bai5 is better than bai3: 88.10% (")
    assert vietnamese.startswith("bai5 tốt hơn bai3: 88,10% (")


def test_one_training_does_not_speak_for_an_architecture(tmp_path: Path) -> None:
    runs = write_seeds(tmp_path, [0.86, 0.87]) + write_seeds(tmp_path, [0.87], "bai5")
    found = compare_runs(runs, [simple()])
    of_networks, of_several, of_one = (verdict_text(pair, found, "en") for pair in found.pairs)
    assert "bai5 was trained only once" in of_networks
    assert "compares these trained networks, not the architectures" in of_networks
    assert "bai3 is over its 2 seeds; that of NB-SVM, which is deterministic" in of_several
    assert "bai5 was trained only once, which is not enough to judge its architecture" in of_one


def test_baselines_have_names_in_both_languages(tmp_path: Path) -> None:
    found = compare_runs(write_seeds(tmp_path, [0.86]), [simple("majority"), simple("mine")])
    majority, unknown = found.pairs
    assert "bai3 and always predicting the majority class" in verdict_text(majority, found, "en")
    assert "bai3 và cách luôn dự đoán lớp chiếm đa số" in verdict_text(majority, found, "vi")
    assert "bai3 và mine" in verdict_text(unknown, found, "vi")


def test_the_same_answers_are_said_to_be_the_same(tmp_path: Path) -> None:
    right = right_about(40, [3])
    runs = [write_trained(tmp_path / name, right, name) for name in ("bai3", "bai5")]
    found = compare_runs(runs)
    assert verdict_text(found.pairs[0], found, "en").startswith(
        "No difference: bai3 and bai5 classify exactly the same documents correctly (97.50%)."
    )
