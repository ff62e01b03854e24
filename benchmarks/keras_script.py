"""A Keras script on hoiquy.keras and on real Keras, in turn: seconds of whole processes."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from hoiquy.keras.runner.notebook import without_commands

SHOWN_LINES = 5  # of a failed script's standard error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", type=Path, help="a Python script or a notebook")
    parser.add_argument("--keras-python", required=True, help="a Python that has Keras")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings",
        help="replace an assignment NAME = … at the beginning of a line of the script",
    )  # fmt: skip
    chosen = parser.parse_args()
    source = with_settings(script_source(chosen.script), chosen.settings)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(source, encoding="utf-8")
        commands = {
            "hoiquy.keras": [sys.executable, "-m", "hoiquy.keras", str(script)],
            "Keras": [chosen.keras_python, str(script)],
        }
        measure(commands, chosen.rounds, folder)


def script_source(path: Path) -> str:
    """The code of a script, or of a notebook's cells without the commands of IPython."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return content
    cells = [cell for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]
    return "\n".join(without_commands("".join(cell["source"]), []) for cell in cells)


def with_settings(source: str, settings: list[str]) -> str:
    """The source with other values of variables. Exits if one is not assigned."""
    for setting in settings:
        name, _, value = setting.partition("=")
        line = re.compile(rf"^{re.escape(name)} = .*$", re.MULTILINE)
        if len(line.findall(source)) != 1:
            sys.exit(f"--set {setting}: expected one line that begins with '{name} = '")
        source = line.sub(lambda _, text=f"{name} = {value}": text, source)
    return source


def measure(commands: dict[str, list[str]], rounds: int, folder: str) -> None:
    """Run both in turn, the first of a round changing, and print a table.

    One run of hoiquy.keras before that compiles the kernels where they are not stored.
    """
    seconds_of(commands["hoiquy.keras"], folder)
    ratios = []
    print("| round | hoiquy.keras, seconds | Keras, seconds | Keras / hoiquy.keras |")
    print("|---|---|---|---|", flush=True)
    for number in range(rounds):
        order = list(commands) if number % 2 == 0 else list(commands)[::-1]
        seconds = {name: seconds_of(commands[name], folder) for name in order}
        ratios.append(seconds["Keras"] / seconds["hoiquy.keras"])
        print(
            f"| {number + 1} | {seconds['hoiquy.keras']:.1f} | {seconds['Keras']:.1f} | "
            f"{ratios[-1]:.2f} |",
            flush=True,
        )
    print(f"median of the ratios: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def seconds_of(command: list[str], folder: str) -> float:
    """Seconds of a whole process. Exits if it fails."""
    environment = {**os.environ, "MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        last = "\n".join(done.stderr.splitlines()[-SHOWN_LINES:])
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{last}")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
