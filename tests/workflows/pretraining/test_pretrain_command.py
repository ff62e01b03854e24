"""`hoiquy pretrain` and `hoiquy train --from`, in this process."""

import json
from pathlib import Path

import pytest
from pretraining_models import sentences, small_recipe

from hoiquy.cli.main import main


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def test_pretrain_and_train_from(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    texts, recipe, lm = tmp_path / "texts.txt", tmp_path / "my.toml", tmp_path / "lm"
    recipe.write_text(small_recipe("pretraining.epochs=1").to_toml())
    texts.write_text("\n".join(sentences()))
    assert run("pretrain", texts, "--recipe", recipe, "--out", lm) == 0
    shown = capfd.readouterr()
    assert "perplexity" in shown.out and "85 documents" in shown.out
    assert "epoch 1/1" in shown.err and "on held-out documents" in shown.err
    assert run("pretrain", texts, "--recipe", recipe, "--out", lm, "--json", "--quiet") == 0
    shown = capfd.readouterr()
    assert json.loads(shown.out)["kind"] == "language_model" and shown.err == ""

    table = tmp_path / "reviews.jsonl"
    rows = [{"text": text, "label": at % 2} for at, text in enumerate(sentences(60))]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "run"
    assert run("train", table, "--from", lm, "--out", out, "--quiet", "--json") == 0
    environment = json.loads((out / "environment.json").read_text())
    assert environment["language_model"]["folder"] == str(lm)
    capfd.readouterr()
    assert run("predict", lm, "ba tre") == 2
    error = capfd.readouterr().err
    assert len(error.splitlines()) == 1 and "is a language model, not a run" in error


def test_minutes_and_more_texts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    texts, more, lm = tmp_path / "texts.txt", tmp_path / "more.txt", tmp_path / "lm"
    texts.write_text("\n".join(sentences()))
    more.write_text("\n".join(sentences(seed=2)))
    small = ["--set", "model.layers.2.units=5", "--set", "model.layers.0.units=6"]
    assert run("pretrain", texts, "--minutes", "30", *small, "--out", lm) == 0
    assert "lm: LSTM 5, embedding 6, in 16 streams: reads" in capfd.readouterr().err
    assert run("pretrain", more, "--from", lm, "--minutes", "30", "--out", tmp_path / "lm2") == 0
    assert "lm: LSTM 5, embedding 6, in 16 streams: reads" in capfd.readouterr().err
    assert run("pretrain", texts, *small, "--out", lm) == 2
    error = capfd.readouterr().err
    assert len(error.splitlines()) == 1 and "another --minutes (30.0 → None)" in error
    for minutes in ("0", "-1", "soon", "nan", "inf"):
        assert run("pretrain", texts, "--minutes", minutes, "--out", tmp_path / "none") == 2
        assert "minutes" in capfd.readouterr().err
    assert not (tmp_path / "none").exists()
