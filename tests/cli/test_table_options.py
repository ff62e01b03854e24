"""--header and --quoting in every command that reads tables, and texts that begin with a dash."""

import gzip
import json
from pathlib import Path

import pytest

import hoiquy
from hoiquy.cli.main import _run
from hoiquy.recipe.recipe import parse_recipe
from own_tables import VIETNAMESE, rows, write_csv

ROWS = rows(20)
RECIPE = parse_recipe(VIETNAMESE, "test")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    hoiquy.train(rows(40), RECIPE, folder, settings={"training.epochs": 1})
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Rows whose first one would pass for a header, and with quotes that are text."""
    path = tmp_path / "bare.csv"
    content = [("chú thích", "loại"), *[(f'"{text}', label) for text, label in ROWS]]
    path.write_text("".join(f"{text}\t{label}\n" for text, label in content), encoding="utf-8")
    return path


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(VIETNAMESE, encoding="utf-8")
    return path


def lines(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return capfd.readouterr().out.splitlines()


def test_data_info(bare: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run(["data", "info", str(bare), "--json", "--quiet"]) == 0
    assert json.loads(lines(capfd)[0])["classes"] == ["tiêu cực", "trung tính", "tích cực"]
    said = ["--header", "no", "--label", "2", "--quoting", "none"]
    assert _run(["data", "info", str(bare), "--json", "--quiet", *said]) == 0
    facts = json.loads(lines(capfd)[0])
    assert "loại" in facts["classes"]
    assert sum(facts["train"].values()) + sum(facts["test"].values()) == 61
    assert _run(["data", "info", str(bare), "--quiet", "--quoting", "standard"]) == 2
    assert "line 2: a quotation mark opens" in capfd.readouterr().err
    assert _run(["data", "info", "rotten", "--header", "no"]) == 2
    assert "header and quoting need a table" in capfd.readouterr().err


def test_what_was_said_in_training_holds_for_new_tables(
    recipe: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("".join(f'"{text};{label}\n' for text, label in ROWS), encoding="utf-8")
    said = ["--header", "no", "--quoting", "none"]
    train = ["train", str(path), "--recipe", str(recipe), "--quiet", "--out", str(tmp_path / "run")]
    assert _run([*train, "--set", "training.epochs=1", *said]) == 0
    environment = hoiquy.load_run(tmp_path / "run").environment()
    kept = environment["data_options"]
    assert (kept["header"], kept["quoting"]) == ("no", "none")
    capfd.readouterr()
    assert _run(["evaluate", str(tmp_path / "run"), str(path), "--json", "--quiet"]) == 0
    assert json.loads(lines(capfd)[0])["documents"] == 60
    predict = ["predict", str(tmp_path / "run"), "--file", str(path), "--format", "jsonl"]
    assert _run([*predict, "--quiet"]) == 0
    found = [json.loads(line) for line in lines(capfd)]
    assert [row["text"] for row in found] == [f'"{text}' for text, _ in ROWS]
    assert [row["line"] for row in found] == list(range(1, 61))
    assert _run([*predict, "--quiet", "--header", "yes"]) == 0
    assert len(lines(capfd)) == 59


def test_encode_takes_them(recipe: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    out = ["--recipe", str(recipe), "--out", str(tmp_path / "store"), "--quiet"]
    assert _run(["encode", str(path), "--header", "no", "--label", "x", *out]) == 2
    assert _run(["encode", str(path), "--header", "yes", "--quoting", "standard", *out]) == 0


@pytest.mark.parametrize("name", ["a.json", "b.json", "a.csv.gz"])
def test_predict_answers_texts_and_never_their_source(
    name: str, run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = [{"text": text} for text, _ in ROWS]
    content = json.dumps(table) if name == "a.json" else "\n".join(map(json.dumps, table))
    if name.endswith(".gz"):
        csv = "".join(f"{text}\n" for text, _ in [("text", ""), *ROWS])
        (tmp_path / name).write_bytes(gzip.compress(csv.encode()))
    else:
        (tmp_path / name).write_text(content)
    arguments = ["predict", str(run), "--file", str(tmp_path / name), "--format", "jsonl"]
    assert _run([*arguments, "--quiet"]) == 0
    assert [json.loads(line)["text"] for line in lines(capfd)] == [text for text, _ in ROWS]


def test_an_unpaired_quote_is_one_line_in_predict(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_csv(tmp_path / "a.csv", [(f"{text}, hay", label) for text, label in ROWS])
    with path.open("a", encoding="utf-8") as file:
        file.write('"phim hay, hay,tích cực\nphim dở,tiêu cực\n')
    arguments = ["predict", str(run), "--file", str(path), "--format", "jsonl"]
    assert _run([*arguments, "--quiet"]) == 2
    output = capfd.readouterr()
    assert f"hoiquy: {path}, line 62: a quotation mark opens" in output.err
    assert output.err.count("\n") == 1
    assert _run([*arguments, "--skip-bad-rows"]) == 0
    output = capfd.readouterr()
    assert len(output.out.splitlines()) == 61
    assert "1 bad rows left out" in output.err


DASHES = ["-1 sao", "--- hay", "-_-", "- dở", "-hay quá, đẹp", "--hay = tốt", "-", "-5"]


def test_texts_that_begin_with_a_dash(run: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run(["predict", str(run), *DASHES, "--format", "jsonl", "phim", "--quiet"]) == 0
    assert [json.loads(line)["text"] for line in lines(capfd)] == [*DASHES, "phim"]
    assert _run(["predict", "--format=jsonl", str(run), "-1 sao", "--", "--quiet", "-h"]) == 0
    assert [json.loads(line)["text"] for line in lines(capfd)] == ["-1 sao", "--quiet", "-h"]


@pytest.mark.parametrize("wrong", ["--fiel", "-x", "--hay=1", "--quite"])
def test_a_wrong_option_is_no_text(
    wrong: str, run: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _run(["predict", str(run), wrong, "a.csv"]) == 2
    error = capfd.readouterr().err
    assert wrong.partition("=")[0] in error
    assert 'If it is a text, put "--" before the texts' in error


def test_help_and_values_that_begin_with_a_dash(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _run(["predict", "-h"]) == 0
    assert "Usage:" in capfd.readouterr().out
    path = tmp_path / "a.csv"
    path.write_text("-1 x,label\nphim hay,1\n")
    arguments = ["predict", str(run), "--file", str(path), "--text", "-1 x", "--format", "jsonl"]
    assert _run([*arguments, "--quiet"]) == 0
    assert json.loads(lines(capfd)[0])["text"] == "phim hay"
