"""A report as blocks, in the order of the lab sheet.

Who hands it in, the summary, the preparation of the data; for each network its code, model summary,
learning curves, remarks, test accuracy, remarks; the comparison with the conclusion; how to
reproduce it; and unless the report is brief, pairs, misclassified texts and recipes as appendices.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.document.blocks import (
    Block,
    Bullets,
    Code,
    Fields,
    Heading,
    Notice,
    Paragraph,
    Picture,
    Plain,
    Space,
    Table,
)
from hoiquy.report.exercise_section import DrawCurves, exercise_section
from hoiquy.report.lab_appendix import appendices
from hoiquy.report.lab_closing import lstm_against_gru, reproduce_section
from hoiquy.report.lab_table import lab_table
from hoiquy.report.page.content import Content

DrawOverview = Callable[[], Path]


def lab_document(
    content: Content, draw_curves: DrawCurves, draw_overview: DrawOverview, lang: Lang
) -> list[Block]:
    """The blocks of a report; the pictures are drawn on the way."""
    blocks = _opening(content, lang)
    for network in content.groups:
        own = content.options.own.on(network.group.name)
        blocks += exercise_section(
            network, content.num_words, draw_curves, lang, brief=content.options.brief
        )
        blocks += _own_words(own, content.is_lab, lang)
    blocks += _comparison(content, draw_overview, lang)
    blocks += reproduce_section(content.runs, lang)
    return blocks if content.options.brief else [*blocks, *appendices(content, lang)]


def _opening(content: Content, lang: Lang) -> list[Block]:
    blocks: list[Block] = [Heading(1, text(content.title, lang))]
    if content.has_author:
        blocks.append(Fields(content.options.own.author.lines(lang)))
    blocks += map(Notice, content.statements(lang))
    blocks += [Heading(2, text("report.summary", lang)), Table(*lab_table(content.runs, lang))]
    if shared := content.shared_remarks(lang):
        blocks += [Heading(3, text("hand_in.shared_remarks", lang)), Bullets(shared)]
    if content.num_words:
        blocks.append(Heading(2, text("code.preparation", lang)))
        blocks.append(Paragraph(text("code.preparation_note", lang)))
        blocks.append(Code(content.preparation(lang), "python"))
    return blocks


def _comparison(content: Content, draw_overview: DrawOverview, lang: Lang) -> list[Block]:
    blocks: list[Block] = []
    several = len(content.groups) > 1 and any(run.history for run in content.runs)
    if several and not content.options.brief:
        blocks.append(Picture(draw_overview(), text("report.overview_caption", lang)))
    for part in content.comparisons:
        for planned in part.planned:
            blocks.append(Heading(3, planned.heading(lang)))
            blocks += map(Paragraph, planned.sentences(lang))
    try:
        lstm_against_gru(content.runs)
    except RunError as problem:  # for example different data
        blocks.append(Notice(text("page.incomparable", lang, problem=problem)))
    if conclusion := content.conclusion(lang):
        blocks += [Heading(3, text("hand_in.conclusion", lang)), Paragraph(conclusion)]
    if blocks:
        blocks = [Heading(2, text("hand_in.comparison", lang)), *blocks]
    return [*blocks, *_own_words(content.own_comparison(), content.is_lab and bool(blocks), lang)]


def _own_words(paragraphs: Sequence[str], has_room: bool, lang: Lang) -> list[Block]:
    """The student's remarks; where there are none, room for them in a lab's report."""
    if not paragraphs and not has_room:
        return []
    written: list[Block] = [*map(Plain, paragraphs)] or [Space()]
    return [Heading(3, text("own.heading", lang)), *written]
