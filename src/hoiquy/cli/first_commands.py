"""What `hoiquy` alone prints: the five commands of the first hour."""

import click

from hoiquy.messages import default_language

_COMMANDS = {
    "train": "{hoiquy} train reviews.csv --minutes 5 --out runs/mine",
    "predict": '{hoiquy} predict runs/mine "{a_text}"',
    "report": "{hoiquy} report runs/mine --out report.html",
    "serve": "{hoiquy} serve runs/mine",
    "lab": "{hoiquy} lab --quick",
}


def show_first_commands() -> None:
    """Print them with what they do, in the language of the environment."""
    from hoiquy.cli.needed_extras import needed_for
    from hoiquy.messages import text
    from hoiquy.system.program import program

    hoiquy = program()
    lang = default_language()
    a_text = text("progress.a_text", lang)
    commands = {
        key: command.format(a_text=a_text, hoiquy=hoiquy) for key, command in _COMMANDS.items()
    }
    width = max(map(len, commands.values()))
    click.echo(text("first.title", lang) + "\n")
    for key, command in commands.items():
        click.echo(f"  {command:{width}}  {text(f'first.{key}', lang)}{needed_for(key, lang)}")
    click.echo("\n" + text("first.more", lang, hoiquy=hoiquy))
