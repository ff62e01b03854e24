"""benchmarks/keras_examples.py: which scripts it runs, and its rows."""

from pathlib import Path

import pytest

import keras_examples


def test_all_scripts_or_those_named_are_measured() -> None:
    every = keras_examples.scripts([])
    assert len(every) >= 12
    assert keras_examples.scripts([every[3].stem, every[0].stem]) == [every[3], every[0]]
    with pytest.raises(SystemExit, match="no script 'nothing'; expected one of attention_layer,"):
        keras_examples.scripts(["nothing"])


def test_both_are_run_in_turn_and_their_medians_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []

    def seconds_of(command: list[str], folder: str) -> float:
        runs.append("Keras" if command[0] == "other" else "hoiquy")
        return 6.0 if command[0] == "other" else 2.0

    monkeypatch.setattr(keras_examples, "seconds_of", seconds_of)
    row = keras_examples.row(Path("a.py"), "other", 3, ".")
    assert row == "| a | 2.0 | 6.0 | 3.00 (3.00 to 3.00) |"
    assert runs == ["hoiquy", "hoiquy", "Keras", "Keras", "hoiquy", "hoiquy", "Keras"]
