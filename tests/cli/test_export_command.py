"""`hoiquy export` as a program."""

import json
from pathlib import Path

from command_line import only_line_of_error, run_hoiquy


def test_from_a_folder_of_reviews_to_an_onnx_model(
    reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    run, model = tmp_path / "run", tmp_path / "model.onnx"
    trained = run_hoiquy("train", reviews, "--recipe", small_recipe, "--out", run, "--quiet")
    assert trained.returncode == 0, trained.stderr
    done = run_hoiquy("export", run, "--to", "onnx", "--out", model, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["model"] == str(model) and found["largest_difference"] < 1e-5
    assert Path(found["text"]).exists() and Path(found["certificate"]).exists()
    wrong = run_hoiquy("export", run, "--to", "onnx", "--out", tmp_path / "model.txt")
    assert "must end in .onnx" in only_line_of_error(wrong, 2)
