"""The page as its readers meet it: the words of each language, and what could load something."""

from html.parser import HTMLParser
from pathlib import Path

from hoiquy.messages import LANGUAGES, Lang
from hoiquy.report.gathering import gather
from hoiquy.report.page.build import write_page

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Words(HTMLParser):
    """The words of each language, the elements, and every attribute that could load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
        self.elements: dict[str, int] = {}
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self._lang: str | None = None
        self._depth = 0
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] = self.elements.get(tag, 0) + 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        given = dict(attrs)
        if given.get("class") == "report":
            self._lang, self._depth = given["lang"], len(self.open)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if len(self.open) < self._depth:
            self._lang = None

    def handle_data(self, data: str) -> None:
        if self._lang and data.strip():
            self.words[self._lang].append(data)

    def text(self, lang: str) -> str:
        joined = " ".join(" ".join(self.words[lang]).split())
        return joined.replace("\u00a0", " ")


def written(folder: Path, out: Path, lang: Lang = "en") -> str:
    """The page of the runs in a folder."""
    write_page(gather([folder]), out, lang)
    return out.read_text(encoding="utf-8")
