"""The program `hoiquy`: its commands, and errors as one line and an exit code.

Exit codes: 0 success, 1 failed while running, 2 bad usage or bad input, 130 stopped by Ctrl-C.
Command modules import what they need inside their functions to keep `--help` fast.
"""

import os
import re
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise

import click

from hoiquy.cli.compact import compact
from hoiquy.cli.compare import compare
from hoiquy.cli.data import data
from hoiquy.cli.encode import encode
from hoiquy.cli.evaluate import evaluate
from hoiquy.cli.export import export
from hoiquy.cli.first_commands import show_first_commands
from hoiquy.cli.help_formatter import use_help_context
from hoiquy.cli.import_model import import_model
from hoiquy.cli.lab import lab
from hoiquy.cli.predict import predict
from hoiquy.cli.pretrain import pretrain
from hoiquy.cli.pseudo_label import pseudo_label
from hoiquy.cli.recipes import recipes
from hoiquy.cli.report import report
from hoiquy.cli.resume import resume
from hoiquy.cli.search import search
from hoiquy.cli.serve import serve
from hoiquy.cli.train import train
from hoiquy.cli.verify import verify
from hoiquy.errors import CTRL_C, HoiquyError
from hoiquy.messages import LANGUAGES, Lang, language_of, translated
from hoiquy.runs.command_line import recorded_command_line
from hoiquy.system.program import with_program

_EPILOG = """\b
Examples:
  hoiquy lab --quick
  hoiquy train imdb-train --recipe bai3-quick --out runs/first
  hoiquy evaluate runs/first rotten"""

_SECTIONS = {
    "Core commands": (train, evaluate, predict, report, compare),
    "Course lab": (lab,),
    "Run folders": (resume, verify),
    "Data and recipes": (data, recipes, encode),
    "Tuning and unlabelled texts": (search, pretrain, pseudo_label),
    "Deployment": (serve, export, compact, import_model),
}

_TYPES = {  # Click's names of types, the longer first
    "integer range": "a whole number",
    "float range": "a number",
    "integer": "a whole number",
    "float": "a number",
}


class _Sections(click.Group):
    """Lists the commands by `_SECTIONS`; all help is in the language of the command line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.commands))
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(f"{one.name:{width}}", one.get_short_help_str(limit=60)) for one in commands]
                )


@click.group(
    cls=_Sections,
    commands=[command for commands in _SECTIONS.values() for command in commands],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
    invoke_without_command=True,
)
@click.version_option(package_name="hoiquy", message="hoiquy %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:
    """Recurrent text classifiers, trained fast on an ordinary CPU.

    Start with `hoiquy lab --quick`: five networks on real film reviews, in minutes.
    """
    if context.invoked_subcommand is None:
        show_first_commands()


use_help_context(cli)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program with `arguments` (default: `sys.argv`) and exit."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    with language_of(_language(arguments)):
        return _run_command(arguments, debug)


def _language(arguments: list[str]) -> Lang | None:
    """The value of --lang, which the help and usage errors need before the command is parsed."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for lang in LANGUAGES:
        if f"--lang={lang}" in options or ("--lang", lang) in pairwise(options):
            return lang
    return None


def _run_command(arguments: list[str], debug: bool) -> int:
    try:
        with recorded_command_line(["hoiquy", *arguments]):
            code = cli.main(arguments, prog_name="hoiquy", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "hoiquy"
        return _fail(f"{_usage_error(error)} (see {command} --help)", error.exit_code, debug)
    except HoiquyError as error:
        return _fail(str(error), error.exit_code, debug)
    except (KeyboardInterrupt, click.Abort):
        return _fail("stopped by Ctrl-C", CTRL_C, debug)
    except BrokenPipeError:
        # The reader closed the pipe (`hoiquy … | head`). Python would report it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        return _fail(
            "out of memory: try a smaller training.batch_size or data.max_length", 1, debug
        )
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return _fail(f"internal error: {reason} (--debug shows the traceback)", 1, debug)


def _usage_error(error: click.ClickException) -> str:
    """Click's message with its best guess only, and without its names of types."""
    possibilities = getattr(error, "possibilities", None)
    if isinstance(possibilities, list):
        del possibilities[1:]  # the closest is first
    message = error.format_message()
    for of_click, plain in _TYPES.items():
        message = re.sub(rf"is not a valid {of_click}\b", f"is not {plain}", message)
    return message


def _fail(message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    words = translated(" ".join(message.split()))
    if "pip install" in words:
        from hoiquy.system.extras import with_install_commands

        words = with_install_commands(words)
    click.echo(f"hoiquy: {with_program(words, cli.commands)}", err=True)
    return code
