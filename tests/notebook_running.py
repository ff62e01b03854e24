"""Run a notebook in a kernel of its own."""

from pathlib import Path
from typing import Any


def set_parameters(notebook: Any, source: str) -> None:
    """Replace the cell of parameters by one that sets the same names."""
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    names = [line.split(" = ")[0] for line in parameters.source.splitlines()]
    parameters.source = source.strip()
    assert [line.split(" = ")[0] for line in parameters.source.splitlines()] == names


def execute(notebook: Any, folder: Path) -> list[Any]:
    """Run all cells in a folder and return their outputs, none of which is an error."""
    import nbclient

    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources=resources
    ).execute()
    outputs = [output for c in notebook.cells for output in c.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    return outputs
