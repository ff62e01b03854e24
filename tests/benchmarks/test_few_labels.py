"""The benchmark of few labels: pairing, table, what is done, and real trainings of seconds."""

import sys
from pathlib import Path

import numpy as np
import pytest

import few_labels
from hoiquy.errors import DataError, HoiquyError, RunError
from hoiquy.report.markdown import table
from label_draws.draw import Draw
from label_draws.methods import AUTO, Method, train_options
from label_draws.pool import load_pool
from label_draws.records import Record, check_options, load_records, save_records
from label_draws.table import best_baseline, paired, to_markdown
from labelled_sets import write_set


def record(method: str, draw: int, accuracy: float, macro_f1: float = 0.5) -> Record:
    options = None if method.startswith(("nb", "tfidf")) else "--minutes 1"
    return Record("aivivn", "d", 1000, 500, draw, method, options, accuracy, macro_f1, 2.0 * draw)


def test_methods_are_paired_by_draw() -> None:
    own, other = {1: 0.9, 2: 0.8, 4: 0.7}, {2: 0.75, 1: 0.8, 3: 0.1}
    assert paired(own, other) == pytest.approx([10, 5])


def test_the_best_baseline_has_the_highest_mean() -> None:
    values = {
        "ours": {1: 0.99, 2: 0.99},
        "nb-svm": {1: 0.8, 2: 0.9},
        "tfidf-lr": {1: 0.95, 2: 0.7},
        AUTO: {1: 0.99},  # not yet measured on all draws
    }
    assert best_baseline(values) == "nb-svm"
    assert best_baseline(values | {AUTO: {1: 0.99, 2: 0.99}}) == AUTO
    assert best_baseline({"ours": {1: 0.9}}) is None


def test_the_table_has_each_draw_and_the_interval_over_draws() -> None:
    records = [record("ours", 1, 0.90), record("ours", 2, 0.92)]
    records += [record("nb-svm", 1, 0.87, 0.6), record("nb-svm", 2, 0.88, 0.6)]
    records += [record("tfidf-lr", 1, 0.80, 0.7), record("tfidf-lr", 2, 0.80, 0.7)]
    half = 12.7062 * np.std([3, 4], ddof=1) / np.sqrt(2)
    difference = f"+3.50 ({3.5 - half:+.2f} to {3.5 + half:+.2f})"
    page = to_markdown(records)
    assert "### Accuracy: aivivn, 500 labels (1,000 texts scored)" in page
    assert table(["", "", "", "", "", ""], [
        ["nb-svm (best baseline)", "87.50", "87.00", "88.00", "", "3"],
    ]).splitlines()[-1] in page  # fmt: skip
    assert f"| ours | 91.00 | 90.00 | 92.00 | {difference} | 3 |" in page
    assert "| tfidf-lr (best baseline) | 70.00 |" in page.partition("### Macro F1")[2]


def test_a_single_draw_has_no_interval() -> None:
    page = to_markdown([record("nb-svm", 1, 0.8), record("ours", 1, 0.9), record("ours", 2, 0.7)])
    assert "| ours | 80.00 | 90.00 | 70.00 | +10.00 | 3 |" in page
    assert to_markdown([]) == "nothing measured\n"


def test_records_are_read_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    assert load_records(path) == []
    records = [record("nb-svm", 1, 1 / 3), record("ours", 1, 0.9)]
    save_records(path, records)
    assert load_records(path) == records
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RunError, match=r"records\.jsonl"):
        load_records(path)


def test_a_name_stands_for_the_same_options() -> None:
    records = [record("ours", 1, 0.9), record("nb-svm", 1, 0.9)]
    check_options(records, [Method("ours", "--minutes 1"), Method("nb-svm")])
    with pytest.raises(DataError, match="ours was measured with '--minutes 1'"):
        check_options(records, [Method("ours", "--minutes 2")])


def test_options_name_what_is_measured(tmp_path: Path) -> None:
    draw = Draw(load_pool(write_set(tmp_path / "tiny"), False, None), 12, 3)
    method = Method("ours", "--from 'l m/{set}' --unlabelled {unlabelled} --set a={labels}-{draw}")
    assert train_options(method, draw, Path("x {set}.txt")) == [
        "--set", "training.seed=3", "--from", "l m/tiny", "--unlabelled", "x {set}.txt",
        "--set", "a=12-3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "message"),
    [("best", "expected NAME=OPTIONS"), ("a b=", "expected NAME"), ("nb-svm=", "is taken")],
)
def test_ours_has_a_name(ours: str, message: str) -> None:
    with pytest.raises(HoiquyError, match=message):
        few_labels.chosen_methods([], None, [ours])


def call(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> None:
    sizes = ["--labels", "30", "--draws", "1", "2"]
    arguments = ["few_labels.py", str(folder / "tiny"), *sizes, *options]
    monkeypatch.setattr(sys, "argv", [*arguments, "--out", str(folder / "out")])
    few_labels.main()


@pytest.mark.process
def test_each_method_is_measured_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    write_set(tmp_path / "tiny", train=90, test=60)
    ours = ["--ours", "quick=--small --set training.seed={draw}"]
    call(monkeypatch, tmp_path, *ours)
    records = load_records(tmp_path / "out" / "records.jsonl")
    names = ["nb-svm", "nb-svm-c", "tfidf-lr", "tfidf-char-lr", "tfidf-lr-balanced", "quick"]
    assert [(one.draw, one.method) for one in records] == [
        (d, name) for d in (1, 2) for name in names
    ]
    assert all(one.accuracy > 0.6 and one.macro_f1 > 0.6 for one in records)
    assert records[0].documents == 60
    first = capsys.readouterr()
    call(monkeypatch, tmp_path, *ours)
    again = capsys.readouterr()
    assert again.err == ""
    assert again.out == first.out
    page = (tmp_path / "out" / "few_labels.md").read_text(encoding="utf-8")
    assert page.strip() == again.out.strip()


def test_ctrl_c_keeps_what_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_set(tmp_path / "tiny", train=90, test=60)
    measured: list[str] = []

    def measure(method: Method, *rest: object) -> object:
        if measured:
            raise KeyboardInterrupt
        measured.append(method.name)
        return real(method, *rest)

    real = few_labels.measure
    monkeypatch.setattr(few_labels, "measure", measure)
    with pytest.raises(SystemExit):
        call(monkeypatch, tmp_path)
    assert "stopped; the same command continues in" in capsys.readouterr().err
    (kept,) = load_records(tmp_path / "out" / "records.jsonl")
    assert (kept.draw, kept.method) == (1, "nb-svm")
