"""The page as HTML: both languages, everything shown, hostile texts escaped, nothing loaded."""

import base64
import hashlib
import html
import json
import re
from pathlib import Path

import pytest

from hoiquy.report.page.answers import shown_misclassified
from hoiquy.report.page.build import marked, typeset
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.files import diagnostics_file
from hoiquy.runs.misclassified import Misclassified, MisclassifiedExample
from hoiquy.system.checksummed_files import write_checksummed
from page_runs import HOSTILE, KINDS, write_baseline, write_page_run
from page_words import Words, written
from synthetic_runs import write_run


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("five")
    for name in KINDS:
        write_page_run(folder / name, name, documents=400, hostile=True)
    found = Diagnostic("duplicates", {"documents": 9, "share": 0.0018, "rows": "3, 77"})
    write_checksummed(folder / "bai3", diagnostics_file([found]))
    write_baseline(folder / "baselines" / "nb-svm", documents=400)
    return written(folder, folder / "report.html")


def test_five_runs_are_small_and_whole(five: str) -> None:
    assert len(five.encode("utf-8")) < 3_000_000
    page = Words(five)
    assert page.elements["svg"] > 20
    english, vietnamese = page.text("en"), page.text("vi")
    for part in (
        "Exercise 3 Embedding(128) → LSTM(200)",
        "LSTM against GRU (Exercise 3, Exercise 5)",
        "Figure 6a. Accuracy by epoch",
        "Figure 5. Model summary",
        "Model: bai3",
        "NB-SVM",
        "9 of the test documents (0.18%) are also training documents",
        "Confusion matrix",
        "Errors by length",
        "Most confident errors",
        "hoiquy lab --data imdb",
        "c0ffee",
        "numpy",
    ):
        assert part in english, part
    for part in (
        "Bài 3 Embedding(128) → LSTM(200)",
        "So sánh LSTM và GRU (Bài 3, Bài 5)",
        "Hình 6a. Accuracy theo epoch",
        "Ma trận nhầm lẫn",
        "NB-SVM",
    ):
        assert part in vietnamese, part


def test_languages_do_not_mix(five: str) -> None:
    page = Words(five)
    vietnamese = re.sub(r"\([^)]*\)", "", page.text("vi")).lower()
    ours = ("documents", "predicted", "training", "remarks", "summary", "errors", "interval")
    for word in ours:
        starts = [m.start() for m in re.finditer(rf"\b{word}\b", vietnamese)]
        around = [vietnamese[max(at - 40, 0) : at + 40] for at in starts]
        # what runs leave behind is English: recipes with their keys, descriptions of data
        assert all("=" in one or "training." in one or "[training" in one
                   or "training and" in one for one in around), (word, around)  # fmt: skip
    assert "huấn luyện" not in page.text("en")


def test_numbers_are_those_of_the_language(five: str) -> None:
    page = Words(five)
    assert "11,602,354" in page.text("en")
    assert "11.602.354" not in page.text("en")
    assert "11.602.354" in page.text("vi")
    assert re.search(r"\d\d,\d\d%", page.text("vi"))
    assert not re.search(r"\d\d\.\d\d%", page.text("vi"))


def test_nothing_is_loaded_or_run_from_elsewhere(five: str) -> None:
    page = Words(five)
    names = {name for name, _ in page.attributes}
    assert not {"src", "srcset", "action", "style"} & names
    assert not [name for name in names if name.startswith("on")]
    links = {value for name, value in page.attributes if name in ("href", "xlink:href")}
    assert all(link.startswith("#") or link == "data:," for link in links)
    assert "@import" not in five
    assert "url(" not in five
    assert any("default-src 'none'" in value for _, value in page.attributes)


def test_the_policy_allows_the_page_its_own_scripts_and_styles(five: str) -> None:
    policy = html.unescape(re.search(r'Security-Policy" content="([^"]*)"', five)[1])  # type: ignore[index]
    inline = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", five, re.DOTALL)
    assert len(inline) == 3
    for content in inline:
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_hostile_texts_are_escaped(five: str) -> None:
    assert HOSTILE not in five
    page = Words(five)
    assert "img" not in page.elements
    assert page.elements["script"] == 3
    assert '<script>document.title = "hacked"</script>' in page.text("en")


def test_hostile_names_stay_inside_the_data(tmp_path: Path) -> None:
    run = write_page_run(tmp_path / "bai3", "bai3", documents=100)
    evil = "</script><script>alert(1)</script>"
    write_run(
        tmp_path / "other", documents=100, data=evil, data_fingerprint="0" * 64,
        classes=["neg", "pos"], data_description=evil,
    )  # fmt: skip
    page = written(tmp_path, tmp_path / "report.html")
    assert evil not in page
    assert Words(page).elements["script"] == 3
    data = re.search(r'id="curves-data">(.*?)</script>', page, re.DOTALL)[1]  # type: ignore[index]
    assert any(evil[:30] in one["label"]["en"] for one in json.loads(data)["runs"])
    assert run.result.test_accuracy is not None


def test_the_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    write_page_run(tmp_path / "bai5", "bai5", documents=100)
    pages = {written(tmp_path, tmp_path / f"{name}.html") for name in ("a", "b")}
    assert len(pages) == 1


def test_what_the_numbers_are_not_is_said_first(tmp_path: Path) -> None:
    write_run(
        tmp_path / "bai3", "bai3-quick", documents=100, official_test=False,
        data="imdb-train", data_description="some of the training reviews",
    )  # fmt: skip
    english = Words(written(tmp_path, tmp_path / "report.html")).text("en")
    summary = english.index("Summary Quick run, not the lab's own settings:")
    assert summary < english.index("Not the official test data:") < english.index("Test (95%")


def test_seeds_are_grouped(tmp_path: Path) -> None:
    accuracies = []
    for seed in (2, 1, 3):
        run = write_page_run(tmp_path / f"s{seed}", "bai3", seed, documents=400)
        accuracies.append(run.result.test_accuracy or 0.0)
    write_page_run(tmp_path / "gru", "bai5", documents=400)
    english = Words(written(tmp_path, tmp_path / "report.html")).text("en")
    mean = f"{sum(accuracies) / 3:.2%}"
    assert f"Test accuracy {mean} mean; 95% interval" in english
    assert "over 3 seeds" in english
    assert "Predictions on the test set (400 documents), seed 1" in english
    assert "Networks: 2. Trainings: 4." in english


def test_settings_tell_runs_of_one_recipe_apart(tmp_path: Path) -> None:
    for epochs in (10, 12):
        settings = [f"training.epochs={epochs}"]
        write_run(tmp_path / f"e{epochs}", documents=100, settings=settings)
    english = Words(written(tmp_path, tmp_path / "report.html")).text("en")
    assert "Exercise 3 (training.epochs=10)" in english
    assert "Exercise 3 (training.epochs=12)" in english


def test_only_what_lies_beside_a_number_is_kept_together() -> None:
    assert typeset("1 h 12 min, 5 seeds") == "1\u00a0h 12\u00a0min, 5 seeds"
    assert marked("**a** <b> `c=1 min`") == ("<strong>a</strong> &lt;b&gt; <code>c=1 min</code>")


def test_texts_are_cut_between_words_and_nothing_is_lost() -> None:
    for text, words in (
        ("short<br /><br>text", ["short", "text"]),
        ("word " * 200, ["word"] * 200),
        ("x" * 500, None),
    ):
        misclassified = Misclassified((MisclassifiedExample(3, 0, 1, 0.99, text),), ())
        (shown,) = shown_misclassified(misclassified, ["neg", "pos"])
        assert (shown.label, shown.predicted) == ("neg", "pos")
        if words is None:
            assert shown.beginning + shown.rest == text
        else:
            assert f"{shown.beginning} {shown.rest}".split() == words


def test_at_chance_level_no_errors_are_listed_as_confident(tmp_path: Path) -> None:
    write_page_run(tmp_path / "bai1", "bai1")
    write_page_run(tmp_path / "bai3", "bai3")
    words = Words(written(tmp_path, tmp_path / "report.html"))
    for lang, why in (
        ("en", "Not listed: at or near chance level"),
        ("vi", "Không liệt kê: ở mức đoán"),
    ):
        assert words.text(lang).count(why) == 1
    assert words.text("en").count("misclassified documents with the highest confidence") == 1
