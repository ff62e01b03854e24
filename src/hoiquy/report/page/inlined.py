"""Inlined styles and scripts of the page, and the security policy that allows only them."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from markupsafe import Markup

STYLES = (
    "vendor/uPlot.min.css",
    "colours.css",
    "page.css",
    "frame.css",
    "tables.css",
    "facts.css",
    "figures.css",
    "curves.css",
    "answers.css",
    "hand_in.css",
    "print.css",  # last: overrides the rest on paper
)
EARLY_SCRIPTS = ("theme.js",)  # before anything is drawn
SCRIPTS = ("vendor/uPlot.iife.min.js", "charts.js", "curves.js", "page.js")
LICENCE = "vendor/uPlot.LICENSE.txt"


@dataclass(frozen=True)
class Inlined:
    """What goes between <style> and <script>, and the policy for the page's head."""

    style: Markup
    early_script: Markup
    script: Markup
    policy: str


@cache
def inlined() -> Inlined:
    """Read the assets. Scripts and styles from elsewhere, and any request, are forbidden."""
    style = "\n".join(map(asset, STYLES))
    early = "\n".join(map(asset, EARLY_SCRIPTS))
    script = "\n".join([f"/*\n{asset(LICENCE)}*/", *map(asset, SCRIPTS)])
    for content in (style, early, script):
        if "</s" in content.lower() or "<!--" in content:
            raise ValueError("an asset would end its own element")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(early)} {_hash(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return Inlined(Markup(style), Markup(early), Markup(script), policy)


def asset(name: str) -> str:
    """The text of a file in `assets`."""
    file = resources.files("hoiquy.report.page").joinpath("assets", *name.split("/"))
    return file.read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
