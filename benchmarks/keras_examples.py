"""The scripts in examples/keras on hoiquy.keras and on real Keras, in turn."""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from keras_script import seconds_of

EXAMPLES = Path(__file__).parents[1] / "examples" / "keras"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="names of scripts; by default all")
    parser.add_argument("--keras-python", required=True, help="a Python with Keras and TensorFlow")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    print("| script | hoiquy.keras, seconds | Keras, seconds | Keras / hoiquy.keras |")
    print("|---|---|---|---|", flush=True)
    for script in scripts(chosen.names):
        with tempfile.TemporaryDirectory() as folder:
            print(row(script, chosen.keras_python, chosen.rounds, folder), flush=True)


def scripts(names: list[str]) -> list[Path]:
    """The example scripts of these names, or all. Exits where there is no such script."""
    known = {path.stem: path for path in sorted(EXAMPLES.glob("*.py"))}
    for name in names:
        if name not in known:
            sys.exit(f"no script {name!r}; expected one of {', '.join(known)}")
    return [known[name] for name in names or known]


def row(script: Path, keras_python: str, rounds: int, folder: str) -> str:
    """Run a script in turn, the first of a round changing, and return a row of the table.

    One run of hoiquy.keras before that compiles the kernels where they are not stored.
    """
    ours, theirs = [sys.executable, "-m", "hoiquy.keras", str(script)], [keras_python, str(script)]
    seconds_of(ours, folder)
    seconds: list[tuple[float, float]] = []
    for number in range(rounds):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        measured = {command[0]: seconds_of(command, folder) for command in order}
        seconds.append((measured[ours[0]], measured[theirs[0]]))
    first, second = (median(column) for column in zip(*seconds, strict=True))
    ratios = [slower / faster for faster, slower in seconds]
    return (
        f"| {script.stem} | {first:.1f} | {second:.1f} | "
        f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
    )


if __name__ == "__main__":
    main()
