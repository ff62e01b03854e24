"""Write the pages of the site that follow from the code: the commands and the built-in recipes.

Usage: python tools/reference_pages.py DOCS
"""

import html
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from hoiquy.cli.main import cli
from hoiquy.recipe.recipe import load_recipe, recipe_names


def commands_page() -> str:
    """Every command with its text, usage and options, as `--help` prints them."""
    lines = ["# Commands", "", "Generated from the program: `hoiquy COMMAND --help`."]
    lines += ["", "| command | purpose |", "|---|---|"]
    contexts = list(_contexts(click.Context(cli, info_name="hoiquy")))
    for context in contexts[1:]:
        path = context.command_path
        purpose = context.command.get_short_help_str(limit=200)
        lines.append(f"| [`{path}`](#{path.replace(' ', '-')}) | {_text(purpose)} |")
    for context in contexts:
        lines += ["", *_section(context)]
    return "\n".join(lines) + "\n"


def recipes_page() -> str:
    """Every built-in recipe as TOML, with all defaults written out."""
    lines = ["# Built-in recipes", "", "Generated from the program: `hoiquy recipes show NAME`."]
    for name in recipe_names():
        recipe = load_recipe(name)
        lines += ["", f"## {name}", "", recipe.description]
        lines += ["", "```toml", recipe.to_toml().rstrip(), "```"]
    return "\n".join(lines) + "\n"


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """The command and all below it, depth first."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                yield from _contexts(click.Context(command, info_name=name, parent=context))


def _section(context: click.Context) -> list[str]:
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    help_text = inspect.cleandoc(command.help or "")
    lines = [f"## {context.command_path}", "", _text(help_text), "", "```", usage, "```"]
    options = [option for option in command.params if isinstance(option, click.Option)]
    records = [record for option in options if (record := option.get_help_record(context))]
    if records:
        lines += ["", "| option | meaning |", "|---|---|"]
        lines += [f"| {_code(names)} | {_text(meaning)} |" for names, meaning in records]
    if command.epilog:
        examples = command.epilog.removeprefix("\b\n").splitlines()[1:]
        lines += ["", "```", *(line.strip() for line in examples), "```"]
    return lines


def _code(text: str) -> str:
    """`text` as code in a table's cell, where a bar would end the cell."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"


def _text(text: str) -> str:
    """Help text as Markdown: what is in backticks is code, and all else means itself."""
    parts = re.split(r"`([^`]+)`", text)
    plain = [re.sub(r"([\\*_<>\[\]|])", r"\\\1", part) for part in parts[::2]]
    code = [_code(part) for part in parts[1::2]]
    return "".join(part for pair in zip(plain, [*code, ""], strict=True) for part in pair)


def main() -> None:
    docs = Path(sys.argv[1])
    (docs / "commands.md").write_text(commands_page(), encoding="utf-8")
    (docs / "builtin-recipes.md").write_text(recipes_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
