"""The report of a lab: any subset of exercises, several seeds, both languages, honest."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from hoiquy.errors import RunError
from hoiquy.report.lab_report import lab_table, write_lab_report
from hoiquy.report.markdown import code_block, relative_link, table
from hoiquy.runs.folder import Run
from synthetic_runs import learning, wandering, write_run

ACCURACIES = {"bai1": 0.4997, "bai2": 0.4998, "bai3": 0.8757, "bai4": 0.8619, "bai5": 0.8729}


def write_lab(folder: Path, suffix: str = "") -> list[Run]:
    """All five exercises with the published test accuracies."""
    return [
        write_run(
            folder / name,
            f"{name}{suffix}",
            accuracy=accuracy,
            history=wandering() if accuracy < 0.6 else learning(),
        )
        for name, accuracy in ACCURACIES.items()
    ]


def section(report: str, start: str) -> str:
    """From one second-level heading to the next."""
    found = re.search(rf"^## {re.escape(start)}.*?(?=^## |\Z)", report, re.MULTILINE | re.DOTALL)
    assert found, f"no section {start}"
    return found[0]


def linked_files(report: str, folder: Path) -> list[Path]:
    return [folder / unquote(link) for link in re.findall(r"!\[[^]]*\]\(([^)]*)\)", report)]


@dataclass
class Lab:
    """A whole lab, and its report in both languages; drawing it takes seconds."""

    folder: Path
    runs: list[Run]
    english: str
    vietnamese: str


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("tests") / "my lab"
    runs = write_lab(folder)
    english, vietnamese = (
        write_lab_report(runs, folder, lang).read_text(encoding="utf-8") for lang in ("en", "vi")
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        *ACCURACIES,
        "overview.png",
        "report.md",
    ]
    return Lab(folder, runs, english, vietnamese)


def test_whole_lab_in_english(lab: Lab) -> None:
    report = lab.english
    headings = re.findall(r"^## (.*)$", report, re.MULTILINE)
    assert headings == [
        "Summary",
        "Preparation: the data and two functions",
        "Exercise 1: SimpleRNN(200)",
        "Exercise 2: SimpleRNN(200) → SimpleRNN(200)",
        "Exercise 3: Embedding(128) → LSTM(200)",
        "Exercise 4: Embedding(128) → LSTM(200) → LSTM(64)",
        "Exercise 5: Embedding(128) → GRU(200)",
        "Comparison of the networks",
        "How to reproduce this",
        "Appendix: all pairs",
        "Appendix: recipes",
    ]
    assert "> **" not in report  # official data, the lab's own setting: nothing to warn about
    third = section(report, "Exercise 3")
    for part in (
        "### Figure 5. Model summary",
        "```text\nModel: bai3\nTotal params: 11,602,354\n```",
        "![Figure 6a. Accuracy by epoch](bai3/figures/accuracy.png)",
        "![Figure 6b. Loss by epoch](bai3/figures/loss.png)",
        "**Test accuracy: 87.57%** (95% interval 87.15–87.97, 25,000 documents)",
        "training accuracy about 92.5%, validation accuracy about 88.7%, test accuracy 87.57%",
        "- The loss settles at epoch 6",
    ):
        assert part in third
    assert "training accuracy 49 to 53%" in section(report, "Exercise 1")
    comparison = section(report, "Comparison of the networks")
    assert "### LSTM against GRU (Exercise 3, Exercise 5)" in comparison
    assert (
        "did better than GRU: 87.57% (95% interval 87.15–87.97) against 87.29% (86.87–87.70)"
        in comparison
    )
    assert "not two architectures" in comparison  # one training each
    closing = section(report, "How to reproduce")
    for part in ("hoiquy lab --data imdb", "- Seed: 1\n", "cafe`", "numpy", "22,500 training"):
        assert closing.count(part) == 1


def test_whole_lab_in_vietnamese(lab: Lab) -> None:
    report = lab.vietnamese
    third = section(report, "Bài 3: Embedding(128) → LSTM(200)")
    for part in (
        "### Hình 5. Tóm tắt mô hình",
        "![Hình 6a. Accuracy theo epoch](bai3/figures/accuracy.png)",
        "**Accuracy trên tập kiểm tra: 87,57%**",
        "### Nhận xét",
        "- Loss hội tụ ở khoảng epoch 6",
    ):
        assert part in third
    assert "So sánh LSTM và GRU" in report
    english = {"documents", "interval", "training", "remarks", "errors"}
    words = set(re.findall(r"[a-z]+", re.sub(r"\(.*?\)|```.*?```", "", report, flags=re.DOTALL)))
    assert not english & words


def test_every_linked_picture_exists(lab: Lab) -> None:
    pictures = linked_files(lab.vietnamese, lab.folder)
    assert len(pictures) == 11
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)


def test_report_may_lie_elsewhere(tmp_path: Path) -> None:
    run = write_run(tmp_path / "old runs" / "bai3", documents=100)
    (tmp_path / "out").mkdir()
    report = write_lab_report([run], tmp_path / "out", "en").read_text(encoding="utf-8")
    assert "(../old%20runs/bai3/figures/loss.png)" in report
    assert all(picture.exists() for picture in linked_files(report, tmp_path / "out"))


def test_quick_lab_says_so_first(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / name, f"{name}-quick", history=learning()[:3], documents=1000)
        for name in ("bai3", "bai5")
    ]
    report = write_lab_report(runs, tmp_path, "vi").read_text(encoding="utf-8")
    before_summary = report.partition("## ")[0]
    assert "> **Bản chạy nhanh, không phải thiết lập của bài thực hành:**" in before_summary
    assert "### So sánh LSTM và GRU (Bài 3 (chạy nhanh), Bài 5 (chạy nhanh))" in report
    assert "Hình 6a" in section(report, "Bài 3 (chạy nhanh)")


def test_other_data_is_said_first(tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "bai3",
        documents=1000,
        official_test=False,
        data="imdb-train",
        data_description="20,000 and 5,000 of the training reviews",
    )
    report = write_lab_report([run], tmp_path, "en").read_text(encoding="utf-8")
    statement = report.partition("## ")[0]
    assert "**Not the official test data:**" in statement
    assert "“imdb-train” (20,000 and 5,000 of the training reviews)" in statement


def test_quick_and_full_are_never_compared(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "a", "bai3", documents=1000),
        write_run(tmp_path / "b", "bai5-quick", documents=1000),
    ]
    assert "LSTM against GRU" not in write_lab_report(runs, tmp_path, "en").read_text("utf-8")


def test_subset_has_no_comparison(tmp_path: Path) -> None:
    run = write_run(tmp_path / "bai4", "bai4", documents=1000)
    report = write_lab_report([run], tmp_path, "en").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+ \S+)", report, re.MULTILINE)
    assert headings == ["Preparation: the", "Exercise 4:", "How to", "Appendix: recipes"]


def test_seeds_share_a_row_and_are_compared_together(tmp_path: Path) -> None:
    runs = [
        write_run(
            tmp_path / f"{name}-seed{seed}",
            name,
            settings=[f"training.seed={seed}"],
            documents=1000,
            accuracy=accuracy + 0.01 * seed,
        )
        for name, accuracy in (("bai3", 0.86), ("bai5", 0.85))
        for seed in (2, 1, 3)
    ]
    header, rows = lab_table(runs, "en")
    assert [row[0] for row in rows] == ["Exercise 3", "Exercise 5"]
    assert rows[0][6] == "mean 88.00% (87.00–89.00 over 3 seeds)"
    report = write_lab_report(runs, tmp_path, "en").read_text(encoding="utf-8")
    third = section(report, "Exercise 3")
    assert "those of seed 1" in third
    assert "87.00% (seed 1), 88.00% (seed 2), 89.00% (seed 3)" in third
    assert "(bai3-seed1/figures/accuracy.png)" in third
    comparison = section(report, "Comparison of the networks")
    assert (
        "LSTM and GRU: 88.00% (95% interval 85.52–90.48) against 87.00% (84.52–89.48), p = 0.29"
        in comparison
    )
    assert "over the seeds (3 of LSTM, 3 of GRU)" in comparison
    assert "- Seed: 1, 2, 3" in report
    assert len(header) == len(rows[0])


def test_interrupted_runs_are_reported_as_far_as_they_got(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "bai3", accuracy=None, history=learning()[:4]),
        write_run(tmp_path / "bai5", "bai5", accuracy=None, history=[]),
    ]
    _, rows = lab_table(runs, "en")
    assert [row[3] for row in rows] == ["4 of 10", "0 of 10"]
    assert [row[6] for row in rows] == ["–", "–"]
    assert rows[1][4:6] == ["–", "–"]
    report = write_lab_report(runs, tmp_path, "en").read_text(encoding="utf-8")
    assert "none, because the training was interrupted" in section(report, "Exercise 3")
    assert "No epoch was completed" in section(report, "Exercise 5")
    assert len(linked_files(report, tmp_path)) == 3


def test_lost_summary_and_environment_do_not_stop_a_report(tmp_path: Path) -> None:
    run = write_run(tmp_path / "bai3", documents=100)
    (run.folder / "summary.txt").unlink()
    (run.folder / "environment.json").unlink()
    report = write_lab_report([run], tmp_path, "en").read_text(encoding="utf-8")
    assert "This run has no summary.txt." in report
    assert "This run has no environment.json" in report


def test_report_needs_runs(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no runs to report on"):
        write_lab_report([], tmp_path, "vi")


def test_table_of_the_lab(lab: Lab) -> None:
    header, rows = lab_table(list(reversed(lab.runs)), "vi")
    assert header[0] == "Bài"
    assert rows[2] == [
        "Bài 3",
        "Embedding(128) → LSTM(200)",
        "11.602.354 (10.058.752 không được dùng đến)",
        "10",
        "92,50%",
        "88,70%",
        "87,57% (87,15–87,97)",
        "87,57%",
        "10 phút 15 giây",
    ]
    assert [row[0] for row in rows] == ["Bài 1", "Bài 2", "Bài 3", "Bài 4", "Bài 5"]
    assert rows[0][2] == "40.802"
    english = lab_table(lab.runs, "en")[1][2]
    assert english[2] == "11,602,354 (10,058,752 unreachable)"
    assert english[8] == "10 min 15 s"


def test_markdown_survives_its_content(tmp_path: Path) -> None:
    assert table(["a|b"], [["c"]]) == "| a\\|b |\n| --- |\n| c |"
    assert code_block("x\n```\ny\n") == "````text\nx\n```\ny\n````"
    assert relative_link(tmp_path / "hồi quy" / "a.png", tmp_path) == "h%E1%BB%93i%20quy/a.png"
