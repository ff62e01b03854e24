"""The command line of `python -m hoiquy.keras`."""

import argparse
import atexit
import sys
import textwrap
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

from hoiquy.errors import HoiquyError
from hoiquy.keras.import_hook.advice import set_real_run
from hoiquy.keras.import_hook.hook import install
from hoiquy.keras.import_hook.releases import KERAS_VERSION, TENSORFLOW_VERSION
from hoiquy.keras.runner import figures
from hoiquy.keras.runner.program import Program, module_program, script_program
from hoiquy.keras.runner.tracebacks import hide_own_frames
from hoiquy.keras.usage import report_text
from hoiquy.messages import translated

_PROGRAM = "python -m hoiquy.keras"
_WIDTH = 78  # characters of a line of the help
_EXAMPLES = """\
  python -m hoiquy.keras lab.py
  python -m hoiquy.keras --report --figures plots train.py --epochs 3
  python -m hoiquy.keras notebook.ipynb
  python -m hoiquy.keras -m package.train
"""


def main() -> None:
    """Run what the command line says.

    Raises:
        SystemExit: With code 2 for wrong options or a file that cannot be read, and 1 for a module
            that does not exist.
    """
    options, target, arguments = _split(sys.argv[1:])
    chosen = _parser().parse_args(options)
    if chosen.version:
        version = metadata.version("hoiquy")
        names = f"the names of Keras {KERAS_VERSION} and TensorFlow {TENSORFLOW_VERSION}"
        print(translated(f"hoiquy {version}, with {names}"))
        return
    if not target or target == ["-m"]:
        _fail("no script: give SCRIPT.py, NOTEBOOK.ipynb or -m MODULE; --help explains", 2)
    try:
        install()
        figures.choose_backend(chosen.figures)
        program = _program(target, arguments)
    except HoiquyError as error:
        _fail(str(error), getattr(error, "exit_code", 1))
    if chosen.report:
        atexit.register(lambda: print(report_text(), file=sys.stderr))
    try:
        program.run()
    except BaseException:
        hide_own_frames()
        raise


def _program(target: Sequence[str], arguments: Sequence[str]) -> Program:
    is_notebook = target[0].endswith(".ipynb")
    set_real_run(f"{target[0]} in Jupyter" if is_notebook else " ".join(["python", *target]))
    if target[0] == "-m":
        return module_program(target[1], arguments)
    return script_program(target[0], arguments)


def _split(argv: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Our options; SCRIPT, -m MODULE or nothing; and the arguments of the script or module."""
    position = 0
    while position < len(argv):
        argument = argv[position]
        if argument == "-m":
            target = argv[position : position + 2]
            return [*argv[:position]], [*target], [*argv[position + 2 :]]
        if not argument.startswith("-"):
            return [*argv[:position]], [argument], [*argv[position + 1 :]]
        position += 2 if argument == "--figures" else 1
    return [*argv], [], []


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Begins the help in the default language."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or f"{translated('Usage:')} ")


class _Parser(argparse.ArgumentParser):
    """Reports errors as one line in the default language."""

    def error(self, message: str) -> NoReturn:
        _fail(f"{message} (see {_PROGRAM} --help)", 2)


def _parser() -> argparse.ArgumentParser:
    description = translated(
        "Run a program written for Keras or tf.keras on hoiquy, unchanged, whether or not Keras "
        "and TensorFlow are installed."
    )
    passed_on = translated(
        "Everything after SCRIPT or -m MODULE is passed on. The exit code is the program's."
    )
    parser = _Parser(
        prog=_PROGRAM,
        usage=f"{_PROGRAM} [--report] [--figures DIR] (SCRIPT.py | NOTEBOOK.ipynb | -m MODULE) ...",
        description=textwrap.fill(description, _WIDTH),
        epilog=f"{textwrap.fill(passed_on, _WIDTH)}\n\n{translated('Examples:')}\n{_EXAMPLES}",
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    options = parser.add_argument_group(translated("Options"))
    report = "At the end, print on standard error what was used, slow, ignored and not supported."
    options.add_argument("--report", action="store_true", help=translated(report))
    saved = "Save each shown figure of matplotlib as DIR/figure-1.png, figure-2.png, ..."
    options.add_argument("--figures", metavar="DIR", type=Path, help=translated(saved))
    version = translated("Show the version and exit.")
    options.add_argument("--version", action="store_true", help=version)
    show_help = translated("Show this message and exit.")
    options.add_argument("-h", "--help", action="help", help=show_help)
    return parser


def _fail(message: str, exit_code: int) -> NoReturn:
    line = f"{_PROGRAM}: {translated('error')}: {translated(message)}"
    print(line, file=sys.stderr)
    raise SystemExit(exit_code)
