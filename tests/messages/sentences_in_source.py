"""The English sentences in the source that people read, as templates with named values."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import hoiquy

SOURCE = Path(hoiquy.__file__).parent
# Calls whose literal arguments are lines for people.
_SAID_BY = {
    "DataRead", "VectorsRead", "WorkersChanged", "on_note", "print_note", "record_ignored",
    "report_once", "say", "translated", "_fail",
}  # fmt: skip
_NUMBER = re.compile(r",?(\.\d)?[fg%]|,")  # formats of numbers


def source_files(*left_out: str) -> list[Path]:
    """The files of hoiquy, except those in some folders."""
    found = sorted(SOURCE.rglob("*.py"))
    return [path for path in found if path.relative_to(SOURCE).parts[0] not in left_out]


def templates_in(path: Path) -> set[str]:
    """All texts of a file."""
    return {template(node) for node in _literals(ast.parse(path.read_text("utf-8")))}


def said_in(path: Path, *, raised: bool = True) -> set[str]:
    """The texts of a file that are raised, or passed to a function that prints them.

    raised: whether those that are raised count.
    """
    tree = ast.parse(path.read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        is_said = isinstance(node, ast.Call) and _name(node) in _SAID_BY
        if is_said or (raised and isinstance(node, ast.Raise)):
            found |= {template(literal) for literal in _literals(node)}
    return set(filter(_is_sentence, found))


def reasons_in(path: Path) -> set[str]:
    """The reasons in the tables of a file whose names say "ignored"."""
    tables = [
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assign) and "ignored" in ast.unparse(node.targets[0]).lower()
    ]
    return {one for table in tables for one in map(template, _literals(table)) if " " in one}


def template(node: ast.expr) -> str:
    """A literal, with `{name}` or, for a number, `{name:,}` for each value."""
    if isinstance(node, ast.Constant):
        return _escaped(str(node.value))
    assert isinstance(node, ast.JoinedStr)
    made = ""
    taken: dict[str, int] = {}
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            name = _name(value.value)
            taken[name] = taken.get(name, 0) + 1
            made += f"{{{name}{'' if taken[name] == 1 else taken[name]}{_style(value)}}}"
        elif isinstance(value, ast.Constant):
            made += _escaped(str(value.value))
    return made


def _literals(tree: ast.AST) -> Iterator[ast.expr]:
    inner: set[int] = set()  # parts of f-strings, and docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inner |= {id(part) for part in node.values}
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            inner |= {id(part) for part in ast.walk(node.format_spec)}
        elif isinstance(node, ast.Expr):
            inner.add(id(node.value))
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (is_text or isinstance(node, ast.JoinedStr)) and id(node) not in inner:
            assert isinstance(node, ast.expr)
            yield node


def _is_sentence(text: str) -> bool:
    """Whether it has a word of its own, and is more than one word."""
    words = re.findall("[A-Za-z]{2,}", re.sub(r"{[^{}]*}", "", text))
    return bool(words) and " " in text.strip()


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _style(value: ast.FormattedValue) -> str:
    if value.format_spec is None:
        return ""
    spec = ast.unparse(value.format_spec)[2:-1]
    return f":{spec}" if _NUMBER.fullmatch(spec) else ""


def _name(node: ast.expr) -> str:
    """A name for the value of an expression: `path` for `printable(self.path)`."""
    match node:
        case ast.Name():
            return node.id.strip("_").lower() if node.id not in _SAID_BY else node.id
        case ast.Attribute():
            return node.attr.strip("_").lower() if node.attr not in _SAID_BY else node.attr
        case ast.Call():
            called = _name(node.func)
            return called if called in _SAID_BY or not node.args else _name(node.args[0])
        case ast.Subscript() | ast.Starred():
            return _name(node.value)
        case ast.BinOp():
            return _name(node.right if isinstance(node.left, ast.Constant) else node.left)
        case ast.GeneratorExp() | ast.ListComp():
            return _name(node.generators[0].iter)
        case ast.IfExp():
            return _name(node.test)
    return "value"
