"""Links in the Markdown files lead somewhere, and the site has every page and every command.

`make docs` checks the links between pages of the site. This test adds what it does not see: links
from the files outside docs/, links out of docs/, pages outside the navigation, and parameters in
docstrings that the function does not have.
"""

import logging
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import click
import griffe
import pytest
from reference_pages import commands_page, recipes_page

import hoiquy
from hoiquy.cli.main import cli

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GENERATED = {"commands.md", "builtin-recipes.md"}  # by tools/reference_pages.py
PAGES = sorted(path for path in DOCS.glob("*.md") if path.name not in GENERATED)
OUTSIDE = [ROOT / name for name in ("README.md", "README.vi.md", "CONTRIBUTING.md", "CHANGELOG.md")]
_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(path: Path) -> list[str]:
    """Targets of the links within the repository; those in code are no links."""
    found = _LINK.findall(_SPAN.sub("", _BLOCK.sub("", path.read_text(encoding="utf-8"))))
    return [target for target in found if "://" not in target]


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site name them."""
    text = _BLOCK.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    words = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"[\s-]+", "-", one) for one in words}


def pages_in(navigation: Any) -> list[str]:
    if isinstance(navigation, str):
        return [navigation]
    entries = navigation.values() if isinstance(navigation, dict) else navigation
    return [page for entry in entries for page in pages_in(entry)]


@pytest.mark.parametrize("path", [*PAGES, *OUTSIDE], ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(path: Path) -> None:
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists() or target.name in GENERATED, link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_of_the_site_stay_in_it(path: Path) -> None:
    for link in links(path):
        assert (DOCS / link).resolve().is_relative_to(DOCS), link


def test_the_navigation_has_every_page_once() -> None:
    navigation = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    assert sorted(pages_in(navigation)) == sorted({path.name for path in PAGES} | GENERATED)


def test_the_site_has_every_command_option_and_recipe() -> None:
    page = commands_page()
    for name, command in cli.commands.items():
        assert f"\n## hoiquy {name}\n" in page
        options = [option for option in command.params if isinstance(option, click.Option)]
        section = page.split(f"\n## hoiquy {name}\n")[1].split("\n## ")[0]
        for option in options:
            assert option.hidden or option.opts[0] in section
    assert "\n## bai3-quick\n" in recipes_page()


def test_docstrings_of_the_api_match_the_signatures(caplog: pytest.LogCaptureFixture) -> None:
    package = griffe.load("hoiquy", search_paths=[ROOT / "src"], resolve_aliases=True)
    documented = [package[name] for name in package.exports or []]
    documented += [member for one in documented for member in one.members.values()]
    with caplog.at_level(logging.WARNING, "griffe"):
        for one in documented:
            if one.docstring is not None:
                one.docstring.parse("google")
    assert len(documented) > 20
    assert [record.getMessage() for record in caplog.records] == []


def test_the_page_on_the_api_has_every_public_name() -> None:
    page = (DOCS / "api.md").read_text("utf-8")
    listed = re.findall(r"^::: ([\w.]+)$", page, re.MULTILINE)
    for name in listed:
        assert resolve_name(name) is not None
    last_names = {name.rpartition(".")[2] for name in listed} | {"HoiquyError"}
    assert [name for name in hoiquy.__all__ if name not in last_names] == []


def test_docstrings_of_keras_names_match_the_signatures(caplog: pytest.LogCaptureFixture) -> None:
    package = griffe.load("hoiquy.keras", search_paths=[ROOT / "src"])
    with caplog.at_level(logging.WARNING, "griffe"):
        for one in defined_in(package):
            if one.docstring is not None:
                one.docstring.parse("google")
    assert [record.getMessage() for record in caplog.records] == []


def defined_in(place: Any) -> Iterator[Any]:
    """A module or class and all that is defined in it; names that it imports are left out."""
    yield place
    for member in place.members.values():
        if not member.is_alias:
            yield from defined_in(member)


BASES = {"CallbackList", "Layer", "Loss", "LossFunction", "MeanMetricWrapper", "Merge", "Metric"}
BASES |= {"Optimizer", "Reduction"}


@pytest.mark.parametrize("module", ["layers", "losses", "metrics", "optimizers", "callbacks"])
def test_the_page_on_keras_code_lists_every_class(module: str) -> None:
    page = (DOCS / "keras_code.md").read_text("utf-8")
    package = import_module(f"hoiquy.keras.{module}")
    classes = [one for name in package.__all__ if isinstance(one := getattr(package, name), type)]
    names = {one.__name__ for one in classes} - BASES
    assert len(names) > 5
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
