"""Write a comparison as `comparison.json` and `comparison.md`."""

from pathlib import Path

from hoiquy.comparison import Comparison
from hoiquy.messages import Lang, text, translated
from hoiquy.report.comparison_table import candidate_table, legend, pair_table, verdict_lines
from hoiquy.report.markdown import bullets, table
from hoiquy.report.statements import statements
from hoiquy.system.atomic_write import make_folder, write_text

JSON, MARKDOWN = "comparison.json", "comparison.md"


def write_comparison(comparison: Comparison, folder: Path, lang: Lang) -> list[Path]:
    """Write both files into a folder, which may exist. Raises WriteError."""
    make_folder(folder)
    write_text(folder / JSON, comparison.to_json() + "\n")
    write_text(folder / MARKDOWN, comparison_markdown(comparison, lang))
    return [folder / JSON, folder / MARKDOWN]


def comparison_markdown(comparison: Comparison, lang: Lang) -> str:
    """The comparison as Markdown: candidates, verdicts, pairs."""
    runs = [run for candidate in comparison.candidates for run in candidate.runs]
    parts = [f"# {text('compare.title', lang)}"]
    if runs:
        description = translated(runs[0].result.data_description, lang)
        facts = {"data": runs[0].result.data, "description": description}
        parts.append(text("compare.data", lang, documents=comparison.documents, **facts))
    parts += [f"> {statement}" for statement in statements(runs, lang)]
    parts += [f"## {text('compare.candidates', lang)}", table(*candidate_table(comparison, lang))]
    if comparison.pairs:
        sentences, scopes = verdict_lines(comparison, lang)
        parts += [f"## {text('compare.verdicts', lang)}", bullets(sentences), *scopes]
        parts += [f"## {text('compare.pairs', lang)}", table(*pair_table(comparison, lang))]
    parts.append("\n".join(legend(comparison, lang)))
    return "\n\n".join(parts) + "\n"
