"""`hoiquy compact` as a program."""

import json
from pathlib import Path

from command_line import call_hoiquy, only_line_of_error


def test_from_a_folder_of_reviews_to_a_compact_copy(
    reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    run, copy = tmp_path / "run", tmp_path / "copy"
    trained = call_hoiquy("train", reviews, "--recipe", small_recipe, "--out", run, "--quiet")
    assert trained.returncode == 0, trained.stderr
    refused = call_hoiquy("compact", run, "--tolerance", "0", "--out", copy, "--quiet")
    assert "nothing was written" in only_line_of_error(refused, 1)
    done = call_hoiquy("compact", run, "--embedding", "float16", "--out", copy, "--quiet")
    assert done.returncode == 0, done.stderr
    assert "a probability differs by" in done.stdout and "changed predictions: 0;" in done.stdout
    verified = call_hoiquy("verify", copy)
    assert verified.returncode == 0, verified.stdout
    answers = [call_hoiquy("predict", at, "word1 mango", "--quiet") for at in (run, copy)]
    assert answers[0].returncode == 0 and answers[0].stdout == answers[1].stdout
    small = call_hoiquy("compact", run, "--out", tmp_path / "small", "--json", "--quiet")
    found = json.loads(small.stdout)
    assert found["bytes_after"] < found["bytes_before"] and found["documents"] > 0
    again = call_hoiquy("compact", copy, "--out", tmp_path / "again", "--quiet")
    assert "compact embedding already" in only_line_of_error(again, 2)
