"""`hoiquy export` as a program."""

import json
from pathlib import Path

import pytest

from command_line import call_hoiquy, only_line_of_error


def test_from_a_folder_of_reviews_to_an_onnx_model(
    reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    run, model = tmp_path / "run", tmp_path / "model.onnx"
    trained = call_hoiquy("train", reviews, "--recipe", small_recipe, "--out", run, "--quiet")
    assert trained.returncode == 0, trained.stderr
    done = call_hoiquy("export", run, "--to", "onnx", "--out", model, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["model"] == str(model) and found["largest_difference"] < 1e-5
    assert Path(found["text"]).exists() and Path(found["certificate"]).exists()
    wrong = call_hoiquy("export", run, "--to", "onnx", "--out", tmp_path / "model.txt")
    assert "must end in .onnx" in only_line_of_error(wrong, 2)
    for given in ([tmp_path / "two.onnx"], ["--out", tmp_path / "two.onnx"]):
        inferred = call_hoiquy("export", run, *given)
        assert inferred.returncode == 0, inferred.stderr
        assert (tmp_path / "two.onnx").read_bytes() == model.read_bytes()
    unknown = call_hoiquy("export", run, tmp_path / "model.bin")
    assert "ending in .onnx or .keras" in only_line_of_error(unknown, 2)
    for given in ([], [model, "--out", model]):
        assert "name one model file" in only_line_of_error(call_hoiquy("export", run, *given), 2)


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")
@pytest.mark.keras
def test_to_keras_and_back_and_what_can_be_done_then(
    reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    run, model, back = tmp_path / "run", tmp_path / "model.keras", tmp_path / "back"
    home = {"KERAS_HOME": str(tmp_path / "keras-home"), "KERAS_BACKEND": "jax"}
    trained = call_hoiquy("train", reviews, "--recipe", small_recipe, "--out", run, "--quiet")
    assert trained.returncode == 0, trained.stderr
    done = call_hoiquy("export", run, "--to", "keras", "--out", model, "--json", **home)
    assert done.returncode == 0, done.stderr
    certificate = json.loads((tmp_path / "model.parity.json").read_text())
    assert certificate["largest_difference"] < 1e-5
    assert certificate["tolerance"] == 1e-5 and certificate["beyond_tolerance"] is None

    imported = call_hoiquy("import", model, "--out", back)
    assert imported.returncode == 0, imported.stderr
    scores = [call_hoiquy("evaluate", at, reviews, "--json").stdout for at in (run, back)]
    assert scores[0] and scores[0] == scores[1]
    assert call_hoiquy("verify", back).returncode == 0
    page = call_hoiquy("report", back, "--out", tmp_path / "report.html", "--quiet")
    assert page.returncode == 0 and (tmp_path / "report.html").exists(), page.stderr
    assert "without its training" in only_line_of_error(call_hoiquy("resume", back), 2)
    compared = call_hoiquy("compare", run, back)
    assert "left out, never scored" in compared.stderr


def test_a_model_without_its_words_or_in_no_format_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.keras").write_bytes(b"no archive")
    wrong = call_hoiquy("import", tmp_path / "model.keras", "--out", tmp_path / "run")
    assert "is not a .keras file" in only_line_of_error(wrong, 2)
    missing = call_hoiquy("import", tmp_path / "none.keras", "--out", tmp_path / "run")
    assert "cannot be read: No such file" in only_line_of_error(missing, 2)
    assert not (tmp_path / "run").exists()
