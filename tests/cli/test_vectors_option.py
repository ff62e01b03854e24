"""`hoiquy train --vectors` prints what it finds, and one line for what is wrong."""

import json
from pathlib import Path

from command_line import call_hoiquy, only_line_of_error
from vector_files import random_vectors, text


def test_it_prints_what_was_found(reviews: Path, small_recipe: Path, tmp_path: Path) -> None:
    vectors, out = tmp_path / "some.vec", tmp_path / "run"
    vectors.write_bytes(text(random_vectors(["mango", "lemon", "word1", "absent"], 6)))
    arguments = ("train", reviews, "--recipe", small_recipe, "--vectors", vectors, "--out", out)
    result = call_hoiquy(*arguments)
    assert result.returncode == 0, result.stderr
    assert "some.vec: word2vec text, 6 numbers a word" in result.stderr
    assert "some.vec: 3 of " in result.stderr
    assert "% of the running words)" in result.stderr
    recorded = json.loads((out / "environment.json").read_bytes())["vectors"]
    assert recorded["file"] == str(vectors.resolve())
    again = call_hoiquy("verify", out, "--retrain", "--data", reviews)
    assert again.returncode == 0, again.stdout
    vectors.unlink()
    again = call_hoiquy("verify", out, "--retrain", "--data", reviews)
    assert "no such file" in only_line_of_error(again, 2)


def test_auto_starts_its_networks_from_them(reviews: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "some.vec"
    vectors.write_bytes(text(random_vectors(["mango", "lemon"], 6)))
    settings = ("--set", "training.epochs=1")
    result = call_hoiquy("train", reviews, *settings, "--vectors", vectors, "--out", tmp_path / "r")
    assert result.returncode == 0, result.stderr
    assert "some.vec: word2vec text, 6 numbers a word" in result.stderr
    assert "some.vec: 2 of " in result.stderr and "gru-1" in result.stderr


def test_a_wrong_file_is_one_line(reviews: Path, small_recipe: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "some.kv"
    vectors.write_bytes(b"\x80\x04\x95\x00\x00gensim")
    arguments = ("train", reviews, "--recipe", small_recipe, "--out", tmp_path / "run")
    line = only_line_of_error(call_hoiquy(*arguments, "--vectors", vectors), 2)
    assert "KeyedVectors.save_word2vec_format('some.bin', binary=True)" in line
    assert not (tmp_path / "run").exists()
