"""The end of a report: all pairs, the misclassified texts, the recipes."""

from hoiquy.messages import Lang, format_number, text
from hoiquy.report.document.blocks import (
    Block,
    Bullets,
    Code,
    Heading,
    Paragraph,
    Plain,
    Table,
)
from hoiquy.report.page.answers import ShownExample
from hoiquy.report.page.comparisons import Compared
from hoiquy.report.page.content import Content
from hoiquy.report.page.network import Network


def appendices(content: Content, lang: Lang) -> list[Block]:
    """The blocks of the appendices; those without content are left out."""
    blocks: list[Block] = []
    if content.comparisons:
        blocks.append(Heading(2, text("hand_in.appendix_pairs", lang)))
    for part in content.comparisons:
        blocks += _pairs(part, several=len(content.comparisons) > 1, lang=lang)
    found = [block for network in content.groups for block in _misclassified(network, lang)]
    if found:
        blocks += [Heading(2, text("hand_in.appendix_predictions", lang)), *found]
    return [*blocks, *_recipes(content, lang)]


def _recipes(content: Content, lang: Lang) -> list[Block]:
    if not content.has_recipes:
        return []
    blocks: list[Block] = [
        Heading(2, text("hand_in.appendix_recipes", lang)),
        Paragraph(text("hand_in.recipes_note", lang)),
    ]
    for network in content.groups:
        for name, recipe in network.detail.recipes:
            blocks.append(Heading(3, network.recipe_heading(name, lang)))
            blocks.append(Code(recipe, "toml"))
    return blocks


def _pairs(part: Compared, *, several: bool, lang: Lang) -> list[Block]:
    columns = ("page.pair", "page.difference", "compare.interval", "compare.p", "page.verdict")
    header = [text(key, lang) for key in columns]
    rows = [
        [
            f"{part.label(pair.first, lang)} – {part.label(pair.second, lang)}",
            format_number(pair.difference, "points2", lang),
            text("compare.ends", lang, low=pair.low, high=pair.high),
            text("compare.p_value", lang, p=pair.adjusted_p).removeprefix("= "),
            part.verdict(pair, lang),
        ]
        for pair in part.pairs
    ]
    blocks: list[Block] = []
    if several:
        blocks.append(Heading(3, text("page.comparison_on", lang, data=part.data)))
    note = text("page.pairs_note", lang, pairs=len(part.pairs))
    if part.planned:
        note = f"{note} {text('page.pairs_note_planned', lang)}"
    blocks += [Table(header, rows), Paragraph(note)]
    return [*blocks, Bullets(notes)] if (notes := part.notes(lang)) else blocks


def _misclassified(network: Network, lang: Lang) -> list[Block]:
    detail = network.detail
    if detail.near_chance:
        why = text("page.misclassified_near_chance", lang)
        return [Heading(3, network.group.title(lang)), Paragraph(why)]
    if not detail.misclassified:
        return []
    shown = text("page.misclassified_intro", lang, shown=len(detail.misclassified))
    blocks: list[Block] = [Heading(3, network.group.title(lang)), Paragraph(shown)]
    for number, one in enumerate(detail.misclassified, start=1):
        blocks += _example(number, one, lang)
    return blocks


def _example(number: int, one: ShownExample, lang: Lang) -> list[Block]:
    values = {"label": one.label, "predicted": one.predicted, "confidence": one.confidence}
    answer = text("page.misclassified_example", lang, **values)
    words = f"{one.beginning} …" if one.rest else one.beginning
    return [Plain(f"{number}. {answer}", with_next=True), Plain(words)]
