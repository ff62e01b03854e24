"""One network of the report: code, model summary, curves, remarks, test accuracy, remarks."""

from collections.abc import Callable, Sequence
from pathlib import Path

from hoiquy.messages import Lang, text
from hoiquy.report.document.blocks import (
    Block,
    Bullets,
    Code,
    Heading,
    Notice,
    Paragraph,
    Picture,
    Pictures,
    Table,
)
from hoiquy.report.exercises import ExerciseRuns
from hoiquy.report.network_sentences import curve_captions, summary_caption, test_accuracy_sentence
from hoiquy.report.page.network import Network
from hoiquy.runs.folder import Run

DrawCurves = Callable[[ExerciseRuns, Run], tuple[Path, Path]]  # accuracy and loss


def exercise_section(
    network: Network,
    num_words: int | None,
    draw_curves: DrawCurves,
    lang: Lang,
    *,
    brief: bool = False,
) -> list[Block]:
    """The blocks of one network, from its code to the remarks on its test accuracy.

    Missing files are left out and named.

    Args:
        network: With at least one run; the details are those of the lowest complete seed.
        num_words: The words that the code before it has loaded; None without code.
        draw_curves: Draws accuracy and loss of a run.
        lang: Of the report.
        brief: Whether diagnostics say only what was seen.

    Raises:
        HoiquyError: A figure cannot be written.
    """
    detail = network.detail
    blocks: list[Block] = [Heading(2, network.group.title(lang))]
    blocks += [Notice(text("page.lost", lang, problem=problem)) for problem in detail.problems]
    if len(network.runs) > 1:
        blocks.append(Paragraph(network.seeds_sentence(lang)))
    if num_words and network.has_code:
        blocks.append(Heading(3, text("code.heading", lang)))
        blocks += [Paragraph(note)] if (note := network.code_note(lang)) else []
        blocks.append(Code(network.code(num_words, lang), "python"))
    blocks += _model_summary(network, lang)
    blocks += _curves(network, draw_curves, lang)
    seen = [one.seen(lang) if brief else one.text(lang) for one in detail.diagnostics]
    on_training = [one.text(lang) for one in detail.on_training]
    blocks += _remarks(network.training_heading, [*seen, *on_training], lang)
    blocks.append(Heading(3, text("hand_in.test_heading", lang)))
    blocks.append(Paragraph(test_accuracy_sentence(detail.run, lang)))
    if network.published:
        blocks.append(Paragraph(network.published_sentence(lang)))
    on_test = [one.text(lang) for one in detail.on_test]
    return [*blocks, *_remarks("hand_in.test_remarks", on_test, lang)]


def _model_summary(network: Network, lang: Lang) -> list[Block]:
    """The layers; those of an ensemble are its members, which `_curves` has."""
    if network.detail.members is not None:
        return []
    heading = Heading(3, summary_caption(network.published, lang))
    if not network.detail.summary:
        return [heading, Paragraph(text("report.no_summary", lang))]
    return [heading, Code(network.detail.summary_in(lang))]


def _curves(network: Network, draw_curves: DrawCurves, lang: Lang) -> list[Block]:
    run = network.detail.run
    if run.result.is_ensemble:
        members = network.detail.members
        if members is None:
            return []
        return [Heading(3, text("ensemble.heading", lang)), Table(*members.table(lang))]
    blocks: list[Block] = [Heading(3, text("hand_in.curves_heading", lang))]
    if not run.history:
        return [*blocks, Paragraph(text("report.no_curves", lang))]
    files = draw_curves(network.group, run)
    captions = curve_captions(network.published, lang)
    return [*blocks, Pictures([*map(Picture, files, captions)])]


def _remarks(heading: str, lines: Sequence[str], lang: Lang) -> list[Block]:
    return [Heading(3, text(heading, lang)), Bullets(lines)] if lines else []
