"""The cells of a notebook run as Python, without the commands of IPython."""

import json
import linecache
from pathlib import Path
from typing import Any

import pytest

from hoiquy.errors import InputError
from hoiquy.keras.runner.exported import compiled_script
from hoiquy.keras.runner.notebook import notebook_cells


def run_cells(folder: Path, *cells: str) -> dict[str, Any]:
    """Run a notebook of these code cells and return its names."""
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["# Title"]},
            *({"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells),
        ]
    }
    names: dict[str, Any] = {}
    for cell in notebook_cells(folder / "lab.ipynb", json.dumps(notebook).encode()):
        exec(cell(), names)
    return names


def test_cells_run_in_order_in_one_namespace(tmp_path: Path) -> None:
    assert run_cells(tmp_path, "x = 3", "x += 1\ny = x\n")["y"] == 4


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nx = 3",
        "!pip install tensorflow\nx = 3",
        "!pip install \\\n  tensorflow\nx = 3",
        "if True:\n    !ls\nx = 3",
        "if True:\n    %timeit y = 3\n    x = 3",
        "%time x = 3",
        "if True:\n    %time x = sum([1,\n    2])",
        "files = !ls\nx = 3",
        "files = %sql select\nx = 3",
        "x = 3\n?x",
        "x = 3\nx?",
        "pip install tensorflow\nx = 3",
        "%%time\nx = 3",
        "\n%%capture output\n%matplotlib inline\nx = 3",
    ],
)
def test_commands_are_left_out(
    tmp_path: Path, cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cells(tmp_path, cell)["x"] == 3
    assert capsys.readouterr().err.startswith("hoiquy.keras: left out ")


@pytest.mark.parametrize(
    "command", ["%%bash", "%%writefile a.py", "%%html", "%%javascript", "%%timeit"]
)
def test_cells_that_define_no_names_are_left_out(tmp_path: Path, command: str) -> None:
    assert "x" not in run_cells(tmp_path, f"{command}\nx = 3")


@pytest.mark.parametrize(
    "cell",
    [
        "x = (7\n  % 4)",
        "x = 7 \\\n  % 4",
        "text = '''\n%matplotlib inline\n!ls\n%pwd'''\nx = text.count('%') + text.count('!')",
        "x = 3  # 100 % sure?",
        "y = 7\nx = y % 4",
    ],
)
def test_python_that_looks_like_a_command_stays(
    tmp_path: Path, cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cells(tmp_path, cell)["x"] == 3
    assert capsys.readouterr().err == ""


def test_one_note_names_the_first_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_cells(tmp_path, "%a\n%b", "!c", "%%d\n%e")
    assert capsys.readouterr().err == ("hoiquy.keras: left out 4 IPython commands: %a, %b, !c, …\n")


def test_errors_name_the_cell_and_the_line(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_cells(tmp_path, "x = 3", "%time\n!ls \\\n  -l\n1 / 0")
    entry = caught.traceback[-1]
    assert str(tmp_path / "lab.ipynb, cell 2") in str(entry.frame.code.raw.co_filename)
    assert entry.lineno == 3  # counted from 0
    assert linecache.getline(entry.frame.code.raw.co_filename, 4) == "1 / 0"
    with pytest.raises(SyntaxError, match="cell 1"):
        run_cells(tmp_path, "x = = 3")


def test_the_older_format(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "input": ["x = 3"]}]
    content = json.dumps({"worksheets": [{"cells": cells}]}).encode()
    (cell,) = notebook_cells(tmp_path / "old.ipynb", content)
    names: dict[str, Any] = {}
    exec(cell(), names)
    assert names["x"] == 3


@pytest.mark.parametrize("content", [b"", b"x = 3", b"[]", b"{}", b'{"cells": [3]}', b"\xff"])
def test_other_files_are_an_error_in_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match=r"x\.ipynb is not a Jupyter notebook") as caught:
        notebook_cells(tmp_path / "x.ipynb", content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "script",
    [
        "get_ipython().run_line_magic('matplotlib', 'inline')\nx = 3",
        "try:\n    get_ipython().system('ls')\nexcept NameError:\n    x = 4\nelse:\n    x = 3",
        "get_ipython().run_cell_magic('time', '', 'x = 2\\nx += 1\\n')",
        "get_ipython().run_cell_magic('bash', '', 'x = 4')\nx = 3",
        "get_ipython().run_line_magic('time', 'x = 3')",
        "get_ipython().magic('matplotlib inline')\nx = 3",
    ],
)
def test_commands_in_an_exported_script_are_left_out(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    exec(compiled_script(script.encode(), "lab.py"), names)
    assert names["x"] == 3
    assert capsys.readouterr().err.startswith("hoiquy.keras: left out 1 IPython command: ")


def test_other_uses_of_ipython_in_a_script_stay(capsys: pytest.CaptureFixture[str]) -> None:
    script = b"try:\n    files = get_ipython().getoutput('ls')\nexcept NameError:\n    x = 3"
    names: dict[str, Any] = {}
    exec(compiled_script(script, "lab.py"), names)
    assert names["x"] == 3
    assert capsys.readouterr().err == ""
