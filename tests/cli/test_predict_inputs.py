"""What TEXT is: a text, the name of a file, or standard input; notes on texts that say little."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import hoiquy
from command_line import call_hoiquy, only_line_of_error
from hoiquy.cli.unread_words import UnreadWords
from hoiquy.data.unlabelled.rows import Document
from hoiquy.messages import text
from hoiquy.prediction.word_counts import word_counts
from hoiquy.recipe.recipe import parse_recipe
from hoiquy.runs.files import result_file
from hoiquy.runs.folder import load_run
from hoiquy.system.checksummed_files import write_checksummed
from own_tables import VIETNAMESE, rows, write_csv
from small_ensembles import small_ensemble

TEXTS = [text for text, _ in rows(4, seed=3)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    hoiquy.train(rows(40), parse_recipe(VIETNAMESE, "test"), folder)
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "a.csv", [(text, "?") for text in TEXTS])
    (tmp_path / "notes").write_text("\n".join(TEXTS))
    return tmp_path


def shown(run: Path, *arguments: str, given: bytes = b"") -> list[str]:
    """The texts that were predicted."""
    done = call_hoiquy("predict", run, *arguments, given=given)
    assert done.returncode == 0, done.stderr
    return [line.rpartition("%  ")[2] for line in done.stdout.splitlines()[1:]]


def test_the_name_of_a_file_is_the_file_unless_after_dashes(run: Path, place: Path) -> None:
    as_option = shown(run, "--file", "a.csv")
    assert len(as_option) == len(TEXTS)
    assert shown(run, "a.csv") == shown(run, "notes") == as_option
    assert shown(run, str(place / "a.csv"), "--text", "Bình luận") == as_option
    assert shown(run, "--", "a.csv") == ["a.csv"]
    assert shown(run, "notes", "phim") == ["notes", "phim"]


def test_a_note_says_so_where_the_name_could_be_a_text(run: Path, place: Path) -> None:
    said = "is read as a file"
    note = call_hoiquy("predict", run, "notes").stderr
    assert f"notes {said}." in note
    assert f"as a text: hoiquy predict {run} -- notes" in note
    assert call_hoiquy("predict", run, "notes", "--quiet").stderr == ""
    (place / "phim hay.csv").write_bytes((place / "a.csv").read_bytes())
    for obvious in ("a.csv", "phim hay.csv"):
        assert said not in call_hoiquy("predict", run, obvious).stderr


def test_a_dash_is_standard_input(run: Path) -> None:
    lines = "\n".join(TEXTS).encode()
    expected = shown(run, given=lines)
    assert shown(run, "-", given=lines) == shown(run, "--file", "-", given=lines) == expected
    assert len(expected) == len(TEXTS)
    assert shown(run, "--", "-") == ["-"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["b.csv"], "there is no file b.csv; did you mean 'a.csv'?"),
        (["weather.txt"], "there is no file weather.txt (to predict these words as a text"),
        (["phim", "a.csv"], "a.csv is a file"),
        (["a.csv", "--file", "a.csv"], "either TEXT or --file"),
    ],
)
def test_what_may_be_a_file_is_asked_back(
    arguments: list[str], said: str, run: Path, place: Path
) -> None:
    assert said in only_line_of_error(call_hoiquy("predict", run, *arguments), 2)


def test_a_text_of_unknown_words_or_none_is_noted(run: Path) -> None:
    assert call_hoiquy("predict", run, TEXTS[0], "--lang", "vi").stderr.count("từ vựng") == 0
    unknown = call_hoiquy("predict", run, "xyzzy qwerty foo")
    assert "3 of 3 words are not in the model's vocabulary" in unknown.stderr
    explained = call_hoiquy("predict", run, "xyzzy qwerty foo", "--explain", "--lang", "vi")
    assert "3/3 từ không có trong từ vựng" in explained.stderr
    for empty in ("", " \n"):
        assert text("predict.no_words", "en") in call_hoiquy("predict", run, empty).stderr
    several = call_hoiquy("predict", run, TEXTS[0], "", "xyzzy qwerty", TEXTS[1], "").stderr
    assert "2 of 5 texts have no words that the model can read" in several
    assert "Texts: 2, 5\n" in several
    assert "In 1 of 5 texts, most words are not in" in several
    assert call_hoiquy("predict", run, "", "--quiet").stderr == ""


def test_numbers_of_files_are_lines(run: Path, place: Path) -> None:
    write_csv(place / "b.csv", [(TEXTS[0], "?"), *[("xyzzy", "?")] * 7])
    note = call_hoiquy("predict", run, "b.csv", "--out", "out.csv").stderr
    assert "In 7 of 8 texts" in note and "Lines: 3, 4, 5, 6, 7 …" in note
    write_csv(place / "c.csv", [(f"{TEXTS[0]}\n\n", "?")] * 2 + [("xyzzy", "?")])
    note = call_hoiquy("predict", run, "c.csv", "--out", "out.csv").stderr
    assert "In 1 of 3 texts" in note and "Lines: 8\n" in note


def test_each_line_at_a_terminal_is_noted_on_its_own(run: Path) -> None:
    classifier = hoiquy.load_predictor(run)
    unread = UnreadWords(classifier, "en")
    for number, line in enumerate(("", "xyzzy", TEXTS[0]), 1):
        unread.add([Document(number, line)], [line])
        assert len(unread.notes()) == (line != TEXTS[0])
    assert unread.notes() == []


def test_an_ensemble_knows_the_words_of_its_models(tmp_path: Path) -> None:
    ensemble = small_ensemble(tmp_path / "run").predictor
    known = next(iter(rows(1)))[0]
    counts = word_counts(ensemble, [known, "xyzzy qwerty", "", " :) "])
    assert counts.unknown.tolist()[1:3] == [2, 0]
    assert counts.without_words.tolist() == [False, False, True, False]
    assert counts.mostly_unknown.tolist()[:3] == [False, True, False]
    assert [word.known for word in hoiquy.explain(ensemble, f"xyzzy {known}").words][:2] == [
        False, True,
    ]  # fmt: skip


def test_an_interrupted_network_says_so(run: Path, tmp_path: Path) -> None:
    stopped = tmp_path / "stopped"
    shutil.copytree(run, stopped)
    result = load_run(run).result
    write_checksummed(stopped, result_file(replace(result, status="interrupted", epochs=1)))
    note = call_hoiquy("predict", stopped, TEXTS[0]).stderr
    planned = load_run(run).recipe.training.epochs
    assert f"{stopped} is interrupted: it predicts with the weights after 1 of {planned} ep" in note
    assert f"hoiquy resume {stopped}" in note
    assert "interrupted" not in call_hoiquy("predict", stopped, TEXTS[0], "--quiet").stderr
