"""From a spreadsheet to an evaluated run, and the same data again when a training goes on."""

import json
import unicodedata
from pathlib import Path

import pytest

import hoiquy
from command_line import call_hoiquy, only_line_of_error
from hoiquy.errors import DataError, RunError
from hoiquy.events import EpochFinished, Event
from hoiquy.recipe.recipe import parse_recipe
from own_tables import TELLING, VIETNAMESE, rows, write_csv

RECIPE = parse_recipe(VIETNAMESE, "test")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(VIETNAMESE, encoding="utf-8")
    return path


def stop_after_an_epoch(event: Event) -> None:
    if isinstance(event, EpochFinished):
        raise KeyboardInterrupt


def test_one_command_trains_and_one_evaluates(recipe: Path, tmp_path: Path) -> None:
    table, run = write_csv(tmp_path / "phim.csv", rows(60), "utf-8-sig"), tmp_path / "run"
    new = write_csv(tmp_path / "new.csv", rows(20, seed=1))
    trained = call_hoiquy("train", table, "--recipe", recipe, "--out", run)
    assert trained.returncode == 0, trained.stderr
    said = "texts from 'Bình luận', 3 classes from 'Nhãn'"
    assert sum(said in line for line in trained.stderr.splitlines()) == 1
    evaluated = call_hoiquy("evaluate", run, new, "--json")
    measures = json.loads(evaluated.stdout)
    assert measures["documents"] == 60  # all rows
    assert measures["classes"] == ["tiêu cực", "trung tính", "tích cực"]
    assert measures["accuracy"] > 0.9
    assert "texts from 'Bình luận', labels from 'Nhãn'; all 60 rows" in evaluated.stderr
    again = call_hoiquy("evaluate", run, table, "--lang", "en")
    assert "180 documents" in again.stdout
    assert "score is inflated (training rows included)" in again.stderr


def test_labels_that_the_run_does_not_know(recipe: Path, tmp_path: Path) -> None:
    table, run = write_csv(tmp_path / "phim.csv", rows(20)), tmp_path / "run"
    arguments = ("train", table, "--recipe", recipe, "--quiet", "--out", run)
    assert call_hoiquy(*arguments, "--set", "training.epochs=1").returncode == 0
    other = write_csv(tmp_path / "other.csv", [*rows(4), ("hay", "vui"), ("dở", "buồn")])
    said = only_line_of_error(call_hoiquy("evaluate", run, other, "--quiet"), 2)
    assert "2 of 14 rows cannot be used: line 14: 'vui' in 'Nhãn' is not one of the 3 " in said
    assert "leave them out with --skip-bad-rows" in said
    done = call_hoiquy("evaluate", run, other, "--skip-bad-rows")
    assert done.returncode == 0 and "12 documents" in done.stdout
    assert "; 12 rows; 2 bad rows left out" in done.stdout
    vietnamese = call_hoiquy("evaluate", run, other, "--skip-bad-rows", "--lang", "vi").stdout
    assert "; 12 dòng; bỏ qua 2 dòng hỏng" in vietnamese
    assert "no column 'x' for --text" in only_line_of_error(
        call_hoiquy("evaluate", run, table, "--text", "x", "--quiet"), 2
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--text", "Nhan"), "; did you mean 'Nhãn'?"),
        (("--encoding", "ascii"), "is not ascii text"),
        (("--test", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_options_are_said_to_be_wrong(
    arguments: tuple[str, ...], said: str, recipe: Path, tmp_path: Path
) -> None:
    table = write_csv(tmp_path / "phim.csv", rows(20))
    result = call_hoiquy(
        "train", table, "--recipe", recipe, "--quiet", "--out", tmp_path / "run", *arguments
    )
    assert said in only_line_of_error(result, 2)
    result = call_hoiquy(
        "train", "rotten", "--recipe", recipe, "--quiet", "--out", tmp_path / "run", "--text", "a"
    )
    assert "rotten is not one" in only_line_of_error(result, 2)


def test_a_training_that_goes_on_reads_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns, encoding, bad rows and parts are kept; paths hold from another folder, too."""
    table = tmp_path / "phim.csv"
    content = "".join(f"{n};{text};{label};x\n" for n, (text, label) in enumerate(rows(30)))
    table.write_text("id;a;b;note\n" + content + "one;two\n", encoding="utf-16")
    part = "".join(f"{n};{text};{label};x\n" for n, (text, label) in enumerate(rows(5, seed=1)))
    (tmp_path / "part.csv").write_text("id;a;b;note\n" + part, encoding="utf-16")
    options = hoiquy.TableOptions("a", "b", "utf-16", skip_bad_rows=True)
    monkeypatch.chdir(tmp_path)
    said = {"options": options, "test": "part.csv", "validation": "part.csv"}
    whole = hoiquy.train(table, RECIPE, "whole", **said)
    with pytest.raises(KeyboardInterrupt):
        hoiquy.train(table, RECIPE, "cut", on_event=stop_after_an_epoch, **said)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    resumed = hoiquy.resume(tmp_path / "cut")
    assert resumed.result == whole.result
    assert (resumed.result.train_documents, resumed.result.test_documents) == (90, 15)
    for name in ("weights.safetensors", "predictions.parquet"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    verified = call_hoiquy("verify", tmp_path / "whole", "--retrain", "--quiet")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_data_in_memory_is_given_again(tmp_path: Path) -> None:
    data = rows(30)
    whole = hoiquy.train(data, RECIPE, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        hoiquy.train(data, RECIPE, tmp_path / "cut", on_event=stop_after_an_epoch)
    with pytest.raises(RunError, match="trained on data in memory: pass it again, with data="):
        hoiquy.resume(tmp_path / "cut")
    with pytest.raises(RunError, match="this has changed: data"):
        hoiquy.resume(tmp_path / "cut", data=data[1:])
    assert hoiquy.resume(tmp_path / "cut", data=data).result == whole.result
    with pytest.raises(DataError, match="need a table on disk"):
        hoiquy.train(data, RECIPE, tmp_path / "no", test="a.csv")


def test_either_spelling_of_vietnamese_is_read_alike(tmp_path: Path) -> None:
    """Trained on decomposed letters with the tone in the old place; asked with the new."""
    old = [(unicodedata.normalize("NFD", text), label) for text, label in rows(60)]
    assert any("hoà" in phrase for phrases in TELLING.values() for phrase in phrases)
    new_places = {"hoà": "hòa", "hoá": "hóa", "thoả": "thỏa", "uý": "úy"}
    run = hoiquy.train(old, RECIPE, tmp_path / "run")
    predictor = hoiquy.load_predictor(run)
    texts = [text for text, _ in rows(20, seed=2)]
    respelt = []
    for text in texts:
        for before, after in new_places.items():
            text = text.replace(before, after)
        respelt.append(text)
    assert sum(a != b for a, b in zip(texts, respelt, strict=True)) > 10
    expected = predictor.predict_proba([unicodedata.normalize("NFD", text) for text in texts])
    assert predictor.predict_proba(respelt).tobytes() == expected.tobytes()


KINDS = ("café", "thé")


def write_odd_table(path: Path, each: int, encoding: str) -> Path:
    """Columns that no rule would guess right: the text is not the longest one."""
    lines = [f"{kind} {n};{'word ' * 20};{n % 7};{kind}" for n in range(each) for kind in KINDS]
    path.write_text("\n".join(["a;b;c;d", *lines]) + "\n", encoding=encoding)
    return path


def test_what_was_said_of_the_training_table_holds_for_new_ones(
    recipe: Path, tmp_path: Path
) -> None:
    table, run = write_odd_table(tmp_path / "old.csv", 60, "cp1252"), tmp_path / "run"
    said = ("--text", "a", "--label", "d", "--encoding", "cp1252", "--quiet")
    result = call_hoiquy("train", table, "--recipe", recipe, "--out", run, *said)
    assert result.returncode == 0, result.stderr
    for encoding in ("cp1252", "utf-8", "utf-16"):  # what the file itself says goes first
        new = write_odd_table(tmp_path / f"{encoding}.csv", 20, encoding)
        measures = call_hoiquy("evaluate", run, new, "--json", "--quiet")
        assert measures.returncode == 0, measures.stderr
        assert json.loads(measures.stdout)["accuracy"] > 0.9
        assert texts_answered(run, new)[:2] == ["café 0", "thé 0"]
    other, lines = tmp_path / "other.csv", tmp_path / "lines.txt"
    other.write_text("text;d\nthé;café\n", encoding="utf-8")  # it has no column "a"
    assert texts_answered(run, other) == ["thé"]
    lines.write_text("thé\n", encoding="cp1252")
    assert texts_answered(run, lines) == ["thé"]
    wrong = call_hoiquy("evaluate", run, table, "--text", "x", "--quiet")
    assert "no column 'x' for --text" in only_line_of_error(wrong, 2)


def texts_answered(run: Path, file: Path) -> list[str]:
    answers = call_hoiquy("predict", run, "--file", file, "--format", "jsonl", "--quiet")
    assert answers.returncode == 0, answers.stderr
    return [json.loads(line)["text"] for line in answers.stdout.splitlines()]


def test_the_name_that_was_given_stays_wherever_the_table_is_read_again(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "phim.csv", rows(20))
    options = ("--recipe", recipe, "--quiet", "--set", "training.epochs=1")
    trained = call_hoiquy("train", "phim.csv", *options, "--out", "run")
    assert trained.returncode == 0, trained.stderr
    assert hoiquy.load_run("run").result.data == "phim.csv"
    monkeypatch.chdir(tmp_path.parent)
    assert call_hoiquy("verify", tmp_path / "run", "--retrain").returncode == 0


def test_without_a_recipe_one_is_fitted(tmp_path: Path) -> None:
    table, run = write_csv(tmp_path / "phim.csv", rows(30)), tmp_path / "run"
    trained = call_hoiquy("train", table, "--set", "training.epochs=1", "--out", run)
    assert trained.returncode == 0, trained.stderr
    assert "auto: Fitted to 72 documents" in trained.stderr
    saved = hoiquy.load_run(run)
    assert saved.recipe.text.normalization == "vietnamese"
    assert (saved.result.test_accuracy or 0) > 0.9
    assert "cross-validated" in trained.stdout and "linear" in trained.stdout
    assert not (run / "figures").exists()  # no epochs, no curves
