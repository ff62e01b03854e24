"""benchmarks/keras_script.py: the same script twice, with other values of its variables."""

import json
import sys
from pathlib import Path

import pytest

import keras_script

SCRIPT = "N = 3\nprint(N)\nM = N + 1\n"


def test_settings_replace_assignments_at_the_beginning_of_a_line() -> None:
    assert keras_script.with_settings(SCRIPT, ["N=5"]) == "N = 5\nprint(N)\nM = N + 1\n"


@pytest.mark.parametrize("setting", ["K=1", "N"])
def test_a_setting_that_the_script_does_not_have_is_refused(setting: str) -> None:
    script = SCRIPT if setting == "K=1" else SCRIPT + "N = 4\n"
    with pytest.raises(SystemExit, match=f"--set {setting}: expected one line"):
        keras_script.with_settings(script, [setting])


def test_a_notebook_is_its_code_without_commands(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["%load_ext hoiquy.keras\n", "N = 3"]},
        {"cell_type": "code", "source": ["print(N)"]},
    ]
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps({"cells": cells}))
    assert keras_script.script_source(notebook) == "pass\nN = 3\nprint(N)"


def test_a_failing_script_ends_the_benchmark_with_its_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"ended with 1:\n(.*\n)*ValueError: no such data"):
        command = [sys.executable, "-S", "-c", "raise ValueError('no such data')"]
        keras_script.seconds_of(command, str(tmp_path))
