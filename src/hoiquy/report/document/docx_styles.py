"""The page and the styles of a Word document: A4, Times New Roman, code in Courier New."""

from typing import Any

from hoiquy.messages import Lang

_EMU = 36_000  # English Metric Units of a millimetre
PAGE_WIDTH = 170 * _EMU  # between the margins of A4
_LANGUAGES: dict[Lang, str] = {"vi": "vi-VN", "en": "en-GB"}
_TEXT, _CODE = "Times New Roman", "Courier New"  # both have all Vietnamese letters
_HEADINGS = {"Title": 20, "Heading 1": 15, "Heading 2": 12.5}
_GREY = "F3F2EE"


def set_styles(document: Any, lang: Lang, *, compact: bool = False) -> None:
    """Set the page, its number, and all styles that the blocks use; compact: in small print."""
    section = document.sections[0]
    section.page_width, section.page_height = 210 * _EMU, 297 * _EMU
    section.left_margin = section.right_margin = 20 * _EMU
    section.top_margin = section.bottom_margin = 20 * _EMU
    _set_text(document.styles, lang, 10.5 if compact else 12)
    _set_headings(document.styles, compact=compact)
    _set_small(document.styles, 7 if compact else 8)
    _add_page_number(section.footer.paragraphs[0])


def _set_text(styles: Any, lang: Lang, size: float) -> None:
    from docx.shared import Pt

    _set_font(styles["Normal"], _TEXT, size)
    _set_language(styles["Normal"], _LANGUAGES[lang])
    styles["Normal"].paragraph_format.space_after = Pt(size / 2)
    styles["Normal"].paragraph_format.line_spacing = 1.0
    styles["List Bullet"].paragraph_format.space_after = Pt(size / 4)
    quote = styles["Intense Quote"]
    _set_font(quote, _TEXT, 11, italic=False, bold=False)
    quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = Pt(12)


def _set_headings(styles: Any, *, compact: bool) -> None:
    from docx.shared import Pt

    for name, size in _HEADINGS.items():
        _set_font(styles[name], _TEXT, size, bold=True)
        styles[name].paragraph_format.keep_with_next = True
    share = 0.5 if compact else 1.0
    styles["Heading 1"].paragraph_format.space_before = Pt(18 * share)
    styles["Heading 2"].paragraph_format.space_before = Pt(10 * share)
    styles["Heading 2"].paragraph_format.space_after = Pt(4 * share)


def _set_small(styles: Any, code_size: float) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    _set_font(styles["Caption"], _TEXT, 10.5, italic=True, bold=False)
    styles["Caption"].paragraph_format.space_after = Pt(6)
    for name, font, size in (
        ("Code", _CODE, code_size),
        ("Cell", _TEXT, 8.5),
        ("Author", _TEXT, 12),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _set_font(style, font, size)
        style.paragraph_format.space_after = Pt(0 if name != "Author" else 2)
        style.paragraph_format.line_spacing = 1.0
    styles["Code"].paragraph_format.space_after = Pt(8)
    _shade(styles["Code"])
    styles["Code"].font.no_proof = True
    room = styles.add_style("Room", WD_STYLE_TYPE.PARAGRAPH)
    room.base_style = styles["Normal"]
    inline = styles.add_style("Code Words", WD_STYLE_TYPE.CHARACTER)
    inline.font.name, inline.font.size = _CODE, Pt(10)


def _set_font(
    style: Any, name: str, size: float, *, italic: bool | None = None, bold: bool | None = None
) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size = name, Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    style.font.italic, style.font.bold = italic, bold
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme's font would win
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _set_language(style: Any, language: str) -> None:
    """Set the language of the spelling checker."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    element = OxmlElement("w:lang")
    element.set(qn("w:val"), language)
    properties.append(element)


def _shade(style: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shading = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", _GREY)):
        shading.set(qn(f"w:{key}"), value)
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(shading, "w:tabs", "w:spacing", "w:ind", "w:jc")


def _add_page_number(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
