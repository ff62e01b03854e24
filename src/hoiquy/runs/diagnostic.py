"""A diagnostic of the training doctor: what was seen, why it matters, what to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from hoiquy.messages import Lang, text

Severity = Literal["warning", "note"]
Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class Diagnostic:
    """A diagnostic without a language: its texts are `diagnostic.<key>_…` in the catalogue."""

    key: str
    values: Mapping[str, int | Number | str] = field(default_factory=dict)
    setting: str | None = None  # for `--set`, or a line of TOML; None if no recipe would help
    epoch: Annotated[int, Field(ge=1)] | None = None  # first seen at its end; None: before training
    severity: Severity = "warning"  # a note is no fault of the recipe

    def seen(self, lang: Lang) -> str:
        """What was seen."""
        return self._text("seen", lang)

    def why(self, lang: Lang) -> str:
        """Why it matters."""
        return self._text("why", lang)

    def change(self, lang: Lang) -> str:
        """What to change, with the line of the recipe."""
        return self._text("change", lang)

    def text(self, lang: Lang) -> str:
        """All three texts in one paragraph."""
        return " ".join([self.seen(lang), self.why(lang), self.change(lang)])

    def suggestion(self, lang: Lang) -> str | None:
        """What `change` suggests: the setting of the recipe."""
        return self.setting

    def _text(self, part: str, lang: Lang) -> str:
        values = {"setting": self.suggestion(lang), "epoch": self.epoch, **self.values}
        return text(f"diagnostic.{self.key}_{part}", lang, **values)


def check_has_texts(diagnostic: Diagnostic) -> None:
    """Raise ValueError unless the catalogue has texts for a diagnostic from a file."""
    words = [diagnostic.key, diagnostic.setting or "", *map(str, diagnostic.values.values())]
    if not all(word.isprintable() for word in words):
        raise ValueError("a value is not printable")
    try:
        diagnostic.text("en")
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError(f"no text for the diagnostic {diagnostic.key[:60]!r}") from error


def printable(name: str) -> str:
    """A name from the data as a value of a diagnostic: unprintable characters become "?"."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
