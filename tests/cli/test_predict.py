"""`hoiquy predict`: predictions of texts, files and standard input, and errors."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hoiquy
from command_line import PROGRAM, call_hoiquy, only_line_of_error
from hoiquy.cli.prediction_output import _Csv
from hoiquy.data.unlabelled.rows import Document, in_chunks, read_documents
from hoiquy.messages import text
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import parse_recipe
from own_tables import VIETNAMESE, rows, write_csv

TEXTS = [text for text, _ in rows(30, seed=3)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    hoiquy.train(rows(40), parse_recipe(VIETNAMESE, "test"), folder)
    return folder


@pytest.fixture(scope="module")
def predictor(run: Path) -> Predictor:
    return hoiquy.load_predictor(run)


def test_probabilities_are_those_of_the_score(run: Path, predictor: Predictor) -> None:
    data = hoiquy.load_dataset(rows(40))
    scores, _ = predictor.score(data)
    assert predictor.predict_proba(data.test.texts).tobytes() == scores.probabilities.tobytes()
    assert hoiquy.load_run(run).predictions().probabilities.tobytes() == (
        scores.probabilities.tobytes()
    )
    assert predictor.predict_proba([]).shape == (0, 3)


def test_a_table_says_why_sums_are_not_one(run: Path, tmp_path: Path) -> None:
    shown = call_hoiquy("predict", run, TEXTS[0])
    assert shown.stderr.strip().endswith("need not add up to 100%.")
    assert (
        "không nhất thiết bằng 100%" in call_hoiquy("predict", run, TEXTS[0], "--lang", "vi").stderr
    )
    for quiet in (("--quiet",), ("--format", "jsonl")):
        assert call_hoiquy("predict", run, TEXTS[0], *quiet).stderr == ""
    softmax = VIETNAMESE.replace('"sigmoid"', '"softmax"').replace(
        "training = {", 'training = {loss = "categorical_crossentropy", '
    )
    hoiquy.train(rows(20), parse_recipe(softmax, "test"), tmp_path / "run")
    assert call_hoiquy("predict", tmp_path / "run", TEXTS[0]).stderr == ""


def test_no_document_depends_on_its_neighbours(predictor: Predictor) -> None:
    texts = ["", "không ai biết từ này", "tuyệt vời " * 40, *TEXTS]
    together = predictor.predict_proba(texts)
    alone = np.concatenate([predictor.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)


def test_every_kind_of_file_in_and_out(run: Path, predictor: Predictor, tmp_path: Path) -> None:
    expected = predictor.predict_proba(TEXTS)
    answers = [predictor.classes[at] for at in expected.argmax(axis=1)]
    write_csv(tmp_path / "a.csv", [(text, "?") for text in TEXTS])
    pq.write_table(pa.table({"id": range(len(TEXTS)), "text": TEXTS}), tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in TEXTS))
    (tmp_path / "a.txt").write_text("\r\n".join(TEXTS), encoding="utf-8-sig")
    outs = ("out.jsonl", "out.csv", "out.parquet", "out.jsonl")
    for name, out in zip(("a.csv", "a.parquet", "a.jsonl", "a.txt"), outs, strict=True):
        target = tmp_path / out
        result = call_hoiquy("predict", run, "--file", tmp_path / name, "--out", target)
        assert result.returncode == 0, result.stderr
        assert result.stdout == ""
        note = f"{target}: predictions of {len(TEXTS)} texts"
        assert result.stderr.splitlines()[-1] == note
        if out.endswith(".jsonl"):
            found = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
            numbers = [list(row["probabilities"].values()) for row in found]
            assert list(found[0]["probabilities"]) == list(predictor.classes)
        elif out.endswith(".csv"):
            with target.open(encoding="utf-8", newline="") as file:
                found = list(csv.DictReader(file))
            numbers = [[float(row[f"probability_{k}"]) for k in predictor.classes] for row in found]
        else:
            found = pq.read_table(target).to_pylist()
            numbers = [[row[f"probability_{k}"] for k in predictor.classes] for row in found]
        assert [row["text"] for row in found] == TEXTS
        assert [row["prediction"] for row in found] == answers
        assert np.asarray(numbers, np.float32).tobytes() == expected.tobytes()
    assert not list(tmp_path.glob(".*"))


def ask(run: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    return call_hoiquy("predict", run, *arguments, given=given)


def test_arguments_and_standard_input(run: Path) -> None:
    said = ask(run, "phim tuyệt vời", "phim\x1b[2J dở tệ thất vọng").stdout
    head, first, second = said.splitlines()
    assert head.split() == ["prediction", "tiêu", "cực", "trung", "tính", "tích", "cực", "text"]
    assert first.endswith("phim tuyệt vời")
    assert "\x1b" not in second
    piped = ask(run, "--format", "jsonl", given="tuyệt vời\n\ndở tệ\n".encode())
    assert [json.loads(line)["line"] for line in piped.stdout.splitlines()] == [1, 2, 3]
    marked = ask(run, "--format", "jsonl", given="tuyệt vời\ndở tệ\n".encode("utf-16"))
    assert [json.loads(line)["text"] for line in marked.stdout.splitlines()] == [
        "tuyệt vời", "dở tệ",
    ]  # fmt: skip
    nothing = ask(run)
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("hoiquy: standard input has no texts")


@pytest.mark.process
def test_a_closed_pipe_is_no_error(run: Path) -> None:
    program = " ".join(f"'{part}'" for part in (*PROGRAM, "predict", str(run)))
    result = subprocess.run(
        ["bash", "-c", f"yes 'phim hay' | head -50000 | {program} --format csv | head -2"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert len(result.stdout.splitlines()) == 2
    assert "Error" not in result.stderr
    assert "internal error" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("phim", "--file", "a.csv"), "either TEXT or --file"),
        (("--file", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("--file", "empty.csv"), "empty.csv is empty"),
        (("--file", "empty.txt"), "empty.txt has no texts"),
        (("--file", "a.csv", "--text", "txt"), "no column 'txt' for --text"),
        (("--file", "a.csv", "--out", "a.csv"), "is the input file"),
        (("--file", "bad.jsonl"), "line 2: not a JSON object"),
        (("phim", "--format", "parquet"), "--format parquet requires --out"),
        (("phim", "--text", "a"), "give the table with --file"),
        (("phim", "--out", "no/folder/a.csv"), "cannot write no/folder/a.csv"),
    ],
)
def test_errors_are_one_line(
    arguments: tuple[str, ...],
    said: str,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "a.csv", rows(1))
    (tmp_path / "empty.csv").touch()
    (tmp_path / "empty.txt").touch()
    (tmp_path / "bad.jsonl").write_text('{"text": "a"}\n[]\n')
    result = call_hoiquy("predict", run, "--quiet", *arguments)
    assert said in only_line_of_error(result, 1 if "no/folder" in said else 2)
    assert not list(tmp_path.glob(".*"))


def test_bad_rows_are_left_out_if_asked(run: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "a"}\n[]\n{"text": ""}\n{"text": 3}\n')
    out = tmp_path / "out.csv"
    result = call_hoiquy(
        "predict", run, "--file", tmp_path / "bad.jsonl", "--skip-bad-rows", "--out", out
    )
    assert "2 bad rows left out" in result.stderr
    with out.open(newline="") as file:
        assert [row["line"] for row in csv.DictReader(file)] == ["1", "3"]


def test_chunks_hold_few_documents_or_characters() -> None:
    texts = (Document(1, "a" * 3_000_000) for _ in range(7))
    assert [len(chunk) for chunk in in_chunks(texts)] == [3, 3, 1]
    assert [len(chunk) for chunk in in_chunks([Document(1, "a")] * 5, 2)] == [2, 2, 1]


def test_files_are_read_piece_by_piece(tmp_path: Path) -> None:
    """The first document comes before a fault further on is met."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"text\n" + b"phim hay\n" * 200_000 + b"\xff\n")
    documents = read_documents(path)
    assert next(documents) == Document(2, "phim hay")
    with pytest.raises(hoiquy.HoiquyError, match="not UTF-8"):
        list(documents)


def test_explain_shows_the_largest_changes(run: Path, predictor: Predictor) -> None:
    english = ask(run, "--explain", "--lang", "en", "phim này tuyệt vời")
    assert english.returncode == 0, english.stderr
    lines = english.stdout.splitlines()
    assert lines[0].startswith("tích cực ")
    assert lines[1].split() == ["phim", "này", "tuyệt", "vời"]
    assert lines[2] == text("predict.turned_by", "en")
    assert "\x1b" not in english.stdout
    vietnamese = ask(run, "--explain", "--lang", "vi", "phim này lạlẫm tuyệt vời").stdout
    assert text("predict.turned_by", "vi") in vietnamese
    piped = ask(run, "--explain", "--format", "jsonl", given="tuyệt vời\n\n".encode())
    first, empty = [json.loads(line) for line in piped.stdout.splitlines()]
    assert [step["word"] for step in first["trace"]] == ["tuyệt", "vời"]
    assert first["prediction"] == "tích cực"
    assert first["probabilities"] == first["trace"][-1]["probabilities"]
    place = first["largest_changes"][0]
    assert abs(first["trace"][place]["change"]) == max(abs(s["change"]) for s in first["trace"])
    assert empty["trace"] == []
    wrong = ask(run, "--explain", "--format", "csv", "a")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("hoiquy: --explain prints a table or")


@given(
    st.lists(st.tuples(st.integers(1, 99), st.text('ab",\r\n; é\ud800')), min_size=1),
    st.sampled_from([0, 1, 1e-38, 1e-7, 0.1, 1 / 3, 0.9999999]),
)
@settings(deadline=None)  # the first call imports pyarrow
def test_any_text_survives_csv(documents: list[tuple[int, str]], probability: float) -> None:
    """Read back by the standard library: text by text, bit by bit."""
    file = io.StringIO(newline="")
    probabilities = np.array([[probability, 1 - probability]] * len(documents), np.float32)
    writer = _Csv(file, ["a,b", 'say "c"'])
    writer.write([Document(*document) for document in documents], probabilities)
    head, *rows = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert head == ["line", "text", "prediction", "probability_a,b", 'probability_say "c"']
    answer = ["a,b", 'say "c"'][int(probabilities[0].argmax())]
    assert [row[:3] for row in rows] == [
        [str(line), text.replace("\ud800", "?"), answer] for line, text in documents
    ]
    found = np.array([row[3:] for row in rows]).astype(np.float32)
    assert found.tobytes() == probabilities.tobytes()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_other_columns_are_kept_unless_the_output_has_one_of_the_name(
    run: Path, tmp_path: Path, ending: str
) -> None:
    table, out = tmp_path / "new.csv", tmp_path / f"out.{ending}"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "prediction", "note"])
        writer.writerows([f"r{at}", text, "old", 'a, "b"'] for at, text in enumerate(TEXTS))
    result = call_hoiquy("predict", run, table, "--text", "text", "--out", out)
    assert result.returncode == 0, result.stderr
    assert "not kept in the output, which has columns of these names: prediction" in result.stderr
    if ending == "jsonl":
        found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    elif ending == "parquet":
        found = pq.read_table(out).to_pylist()
    else:
        found = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"), newline="")))
    assert list(found[0])[:5] == ["line", "id", "note", "text", "prediction"]
    assert [(row["id"], row["text"]) for row in found] == [
        (f"r{at}", text) for at, text in enumerate(TEXTS)
    ]
    assert {row["note"] for row in found} == {'a, "b"'}
    assert "old" not in {row["prediction"] for row in found}


def test_numbers_of_json_lines_stay_numbers(run: Path, tmp_path: Path) -> None:
    rows = [{"id": 5, "text": TEXTS[0], "tags": ["x", 1]}, {"id": None, "text": TEXTS[1]}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = call_hoiquy("predict", run, tmp_path / "a.jsonl", "--format", "jsonl", "--quiet")
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["id"], first["tags"], second["id"], second["tags"]) == (5, ["x", 1], None, None)
    result = call_hoiquy("predict", run, tmp_path / "a.jsonl", "--format", "csv", "--quiet")
    cells = list(csv.reader(io.StringIO(result.stdout)))
    assert [row[:3] for row in cells] == [
        ["line", "id", "tags"], ["1", "5", '["x", 1]'], ["2", "", ""],
    ]  # fmt: skip
    shown = call_hoiquy("predict", run, tmp_path / "a.jsonl", "--quiet").stdout
    assert '["x", 1]' not in shown  # a table for people has no other columns


@pytest.mark.process
def test_pandas_is_not_loaded(run: Path, tmp_path: Path) -> None:
    """Importing it takes as long as ten thousand predictions; Arrow would do it."""
    write_csv(tmp_path / "a.csv", [(text, "?") for text in TEXTS])
    program = "import sys; from hoiquy.cli.main import _run; _run(sys.argv[1:]); "
    program += "print('pandas' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program, "predict", str(run), "--file", str(tmp_path / "a.csv"),
         "--out", str(tmp_path / "b.csv")],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    assert result.stdout == "False\n"
