"""One self-contained HTML file of some runs, in both languages."""

import re
from collections.abc import Callable
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from hoiquy.messages import LANGUAGES, Lang, format_number, text, translated
from hoiquy.report.document.marks import pieces_of
from hoiquy.report.gathering import Gathered
from hoiquy.report.page.content import Content, content_of
from hoiquy.report.page.curve_data import curves_json
from hoiquy.report.page.inlined import inlined
from hoiquy.report.report_options import FULL, ReportOptions
from hoiquy.system.atomic_write import make_folder, write_text

if TYPE_CHECKING:
    from jinja2 import Environment


def write_page(
    gathered: Gathered,
    path: Path,
    lang: Lang,
    say: Callable[[str], None] = lambda name: None,
    options: ReportOptions = FULL,
) -> Path:
    """Write the page of the gathered runs, which opens in `lang`.

    `say` is called with each recipe name.

    The same runs give the same bytes. Raises HoiquyError if the file cannot be written.
    """
    page = build_page(content_of(gathered, say, options), lang)
    make_folder(path.parent)
    write_text(path, page)
    return path


def build_page(content: Content, lang: Lang) -> str:
    """The page as text."""
    texts = {one: partial(_text, lang=one) for one in LANGUAGES}
    numbers = {one: partial(_number, lang=one) for one in LANGUAGES}
    opens_first = sorted(LANGUAGES, key=lambda one: one != lang)
    return (
        _templates()
        .get_template("page.html")
        .render(
            content=content,
            opening=lang,
            languages=opens_first,
            texts=texts,
            numbers=numbers,
            assets=inlined(),
            curves_json=curves_json([(group.group, group.colour) for group in content.groups]),
            version=metadata.version("hoiquy"),
        )
    )


def _text(key: str, lang: Lang, **values: Any) -> str:
    return typeset(text(key, lang, **values))


def _number(value: float, style: str, lang: Lang) -> str:
    return typeset(format_number(value, style, lang))


def typeset(words: str) -> str:
    """Put no-break spaces into durations: 10 min, 3 giây. Not for code or data."""
    return re.sub(r"(\d) (h|min|s|giờ|phút|giây)\b", "\\1\u00a0\\2", words)


@cache
def _templates() -> "Environment":
    """Templates that escape everything and fail on undefined names."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hoiquy.report.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = marked
    environment.filters["typeset"] = typeset
    environment.filters["translated"] = translated
    return environment


def marked(words: str) -> Markup:
    """`**words**` in bold and words in backticks as code, as in Markdown; the rest is escaped."""
    written = {
        "bold": lambda part: Markup("<strong>{}</strong>").format(typeset(part)),
        "code": lambda part: Markup("<code>{}</code>").format(part),
        "plain": lambda part: escape(typeset(part)),
    }
    return Markup("").join(written[piece.kind](piece.words) for piece in pieces_of(words))
