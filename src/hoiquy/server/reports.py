"""The report of all runs as a page, cached until a run changes."""

from dataclasses import dataclass
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.server.errors import api_error
from hoiquy.server.run_discovery import Signature, find_runs, signature


@dataclass(frozen=True)
class ReportPage:
    """The page and its content security policy."""

    content: bytes
    policy: str


class Reports:
    """Builds the page. Not thread-safe."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, Signature] = {}
        self._pages: dict[Lang, ReportPage] = {}

    def page(self, lang: Lang) -> ReportPage:
        """The page in a language. Raises HTTPException 409 if there is nothing to report on."""
        found = find_runs(self._root)
        seen = {name: signature(folder) for name, folder in found.items()}
        if seen != self._seen:
            self._seen, self._pages = seen, {}
        if lang not in self._pages:
            try:
                self._pages[lang] = _build(self._places(list(found.values())), lang)
            except RunError as error:
                message = str(error).replace(str(self._root), ".")
                raise api_error(409, "nothing_to_report", message) from error
        return self._pages[lang]

    def _places(self, folders: list[Path]) -> list[Path]:
        """The only run, or the runs' parent folders, which may also hold baselines."""
        alone = self._root in folders
        return folders if alone else sorted({folder.parent for folder in folders})


def _build(places: list[Path], lang: Lang) -> ReportPage:
    # Imported with the first report, so that the service starts sooner.
    from hoiquy.report.gathering import gather
    from hoiquy.report.page.build import build_page
    from hoiquy.report.page.content import content_of
    from hoiquy.report.page.inlined import inlined

    page = build_page(content_of(gather(places)), lang)
    return ReportPage(page.encode("utf-8"), f"{inlined().policy}; frame-ancestors 'self'")
