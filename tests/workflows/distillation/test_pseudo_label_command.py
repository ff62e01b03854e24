"""`hoiquy pseudo-label` and `hoiquy train --soft-labels`, in this process."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from hoiquy.cli.main import main
from hoiquy.training.stacking import SHARPNESS
from soft_label_reviews import labelled, small, unlabelled


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def test_label_and_train(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table, recipe = Path("reviews.jsonl"), Path("my.toml")
    recipe.write_text(small().to_toml())
    train = labelled().train
    rows = zip(train.texts, train.labels.tolist(), strict=True)
    table.write_text("".join(json.dumps({"text": t, "label": n}) + "\n" for t, n in rows))
    Path("texts.txt").write_text("\n".join([*unlabelled(), train.texts[5]]))
    assert run("train", table, "--recipe", recipe, "--out", "t0", "--quiet") == 0
    capfd.readouterr()

    arguments = ["pseudo-label", "texts.txt", "--with", "t0", "--with", "nb-svm", "--out"]
    assert run(*arguments, "soft_labels", "--lang", "en") == 0
    shown = capfd.readouterr()
    for said in ("t0", "nb-svm", "ensemble", "validation accuracy", "70 texts labelled"):
        assert said in shown.out
    assert "texts left out, as documents of reviews.jsonl: 1" in shown.err
    assert "t0 labels texts" in shown.err and "training nb-svm" in shown.err
    assert run(*arguments, "again", "--json", "--quiet") == 0
    shown = capfd.readouterr()
    assert shown.err == ""
    facts = json.loads(Path("soft_labels/soft_labels.json").read_bytes())
    assert json.loads(shown.out) == facts and facts["sharpness"] == SHARPNESS
    assert run(*arguments, "flat", "--sharpness", "0") == 2
    assert "sharpness = 0.0: expected a number above 0" in capfd.readouterr().err
    assert run("verify", "soft_labels") == 0

    student = [
        "train",
        table,
        "--recipe",
        recipe,
        "--soft-labels",
        "soft_labels",
        "--out",
        "student",
    ]
    assert run(*student, "--quiet", "--json") == 0
    capfd.readouterr()
    assert run("verify", "student", "--retrain", "--quiet") == 0
    assert "training again gave the same bytes" in capfd.readouterr().out
    assert run("predict", "soft_labels", "bo pe") == 2
    error = capfd.readouterr().err
    assert len(error.splitlines()) == 1 and "has soft labels, not a run" in error

    with patch(
        "hoiquy.workflows.distillation.pseudo_label.fit_stacking_weights",
        side_effect=KeyboardInterrupt,
    ):
        assert run(*arguments, "stopped", "--quiet") == 130
    error = capfd.readouterr().err
    assert len(error.splitlines()) == 1
    assert "stopped by Ctrl-C; nothing was saved: start over with: hoiquy" in error
    assert not Path("stopped").exists()
