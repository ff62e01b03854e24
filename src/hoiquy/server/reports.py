"""The report of all runs as a page, kept until one of them changes."""

from dataclasses import dataclass
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.server.errors import ApiError
from hoiquy.server.run_discovery import Signature, find_runs, signature


@dataclass(frozen=True)
class ReportPage:
    """The page, and the content security policy under which it works."""

    content: bytes
    policy: str


class Reports:
    """Builds the page; one call at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, Signature] = {}
        self._pages: dict[Lang, ReportPage] = {}

    def page(self, lang: Lang) -> ReportPage:
        """The page as it opens in `lang`. Raises ApiError 409 if there is nothing to report on."""
        found = find_runs(self._root)
        seen = {name: signature(folder) for name, folder in found.items()}
        if seen != self._seen:
            self._seen, self._pages = seen, {}
        if lang not in self._pages:
            try:
                self._pages[lang] = _built(self._places(list(found.values())), lang)
            except RunError as error:
                message = str(error).replace(str(self._root), ".")
                raise ApiError(409, "nothing_to_report", message) from error
        return self._pages[lang]

    def _places(self, folders: list[Path]) -> list[Path]:
        """The runs' own folders, in which baselines may lie beside them; or the only run."""
        alone = self._root in folders
        return folders if alone else sorted({folder.parent for folder in folders})


def _built(places: list[Path], lang: Lang) -> ReportPage:
    # The report's modules are loaded when somebody wants one: the service starts sooner.
    from hoiquy.report.gathering import gather
    from hoiquy.report.page.build import build_page
    from hoiquy.report.page.content import content_of
    from hoiquy.report.page.inlined import inlined

    page = build_page(content_of(gather(places)), lang)
    return ReportPage(page.encode("utf-8"), f"{inlined().policy}; frame-ancestors 'self'")
