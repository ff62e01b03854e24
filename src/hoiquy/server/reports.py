"""The report of all runs as a page, kept until one of them changes."""

from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.report.gathering import gather
from hoiquy.report.page.build import build_page
from hoiquy.report.page.content import content_of
from hoiquy.report.page.inlined import inlined
from hoiquy.server.api_error import ApiError
from hoiquy.server.found_runs import Signature, find_runs, signature


class Reports:
    """Builds the page; one call at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, Signature] = {}
        self._pages: dict[Lang, bytes] = {}

    def page(self, lang: Lang) -> bytes:
        """The page as it opens in `lang`. Raises ApiError 409 if there is nothing to report on."""
        found = find_runs(self._root)
        seen = {name: signature(folder) for name, folder in found.items()}
        if seen != self._seen:
            self._seen, self._pages = seen, {}
        if lang not in self._pages:
            try:
                # Baselines lie beside the runs.
                gathered = gather(sorted(self._places(list(found.values()))))
            except RunError as error:
                message = str(error).replace(str(self._root), ".")
                raise ApiError(409, "nothing_to_report", message) from error
            self._pages[lang] = build_page(content_of(gathered), lang).encode("utf-8")
        return self._pages[lang]

    def _places(self, folders: list[Path]) -> set[Path]:
        return set(folders) if self._root in folders else {folder.parent for folder in folders}


def report_policy() -> str:
    """The content security policy of the page, which our own page may show in a frame."""
    return f"{inlined().policy}; frame-ancestors 'self'"
