"""`hoiquy recipes`: list the built-in recipes, or show one."""

import json

import click

from hoiquy.cli import options
from hoiquy.messages import translated


@click.group()
def recipes() -> None:
    """List the built-in recipes, or show one."""


@recipes.command("list", epilog=options.examples("hoiquy recipes list"))
@options.as_json
def list_(as_json: bool) -> None:
    """List the built-in recipes."""
    from hoiquy.recipe.recipe import load_recipe, recipe_names

    found = {name: load_recipe(name).description for name in recipe_names()}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, description in found.items():
        click.echo(f"{name:12} {translated(description)}")


@recipes.command(
    epilog=options.examples(
        "hoiquy recipes show bai3",
        "hoiquy recipes show bai3 > mine.toml",
        "hoiquy recipes show mine.toml",
    )
)
@click.argument("name")
def show(name: str) -> None:
    """Print a recipe as TOML with all defaults.

    NAME is a built-in recipe or a TOML file.
    """
    from hoiquy.recipe.recipe import load_recipe

    click.echo(load_recipe(name).to_toml(), nl=False)
