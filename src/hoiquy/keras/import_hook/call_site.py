"""Reads from the code of a script how it uses a name: whether the script handles its absence.

A name that Keras has and hoiquy has not is normally given a stand-in. Some code asks first:
`hasattr(tf, "Session")`, or an import inside `try` with `except ImportError`. Such code gets the
answer that the name is missing, so that it takes its other way.
"""

import ast
import dis
import linecache
from collections.abc import Iterator
from functools import lru_cache
from types import FrameType

_IMPORT_ERRORS = {"ImportError", "Exception", "BaseException"}
_ATTRIBUTE_ERRORS = {"AttributeError", "Exception", "BaseException"}
_IMPORT_SYSTEM = "<frozen importlib"


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The frame itself, or the nearest caller outside Python's import system."""
    while frame is not None and frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
        frame = frame.f_back
    return frame


def takes_a_stand_in(frame: FrameType) -> bool:
    """Whether the code that gets a missing attribute of a module is best given a stand-in.

    Not where it handles the absence: by `hasattr`, by `getattr`, or by `try` and `except`.
    """
    if frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
        return True  # `from module import name`: decided when the name itself is fetched
    operation = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    if operation == "IMPORT_FROM":
        return not handles_import_error(frame)
    if operation in ("IMPORT_STAR", "CALL_INTRINSIC_1"):  # the second since Python 3.12
        return True
    return operation in ("LOAD_ATTR", "LOAD_METHOD") and not _handles(frame, _ATTRIBUTE_ERRORS)


def handles_import_error(frame: FrameType, error: str = "ImportError") -> bool:
    """Whether the current line is in a `try` that catches such an error."""
    return _handles(frame, _IMPORT_ERRORS | {error})


def decorates(frame: FrameType) -> bool:
    """Whether the current line is the decorator of a function or a class."""
    tree = _syntax_tree(frame)
    return tree is not None and any(
        _spans(decorator, frame.f_lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for decorator in node.decorator_list
    )


def _handles(frame: FrameType, errors: set[str]) -> bool:
    tree = _syntax_tree(frame)
    if tree is None:
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            caught = {name for handler in node.handlers for name in _names(handler.type)}
        elif isinstance(node, ast.With):
            caught = set(_suppressed(node))
        else:
            continue
        if caught & errors and any(_spans(one, frame.f_lineno) for one in node.body):
            return True
    return False


def _suppressed(node: ast.With) -> Iterator[str]:
    """The exceptions of `with contextlib.suppress(…)`."""
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and "suppress" in _names(call.func):
            for argument in call.args:
                yield from _names(argument)


def _names(node: ast.expr | None) -> list[str]:
    """The last parts of the names in an `except` clause; a bare one catches everything."""
    if node is None:
        return ["BaseException"]
    if isinstance(node, ast.Tuple):
        return [name for one in node.elts for name in _names(one)]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def _spans(node: ast.stmt | ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _syntax_tree(frame: FrameType) -> ast.Module | None:
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    return _parsed("".join(lines)) if lines else None


@lru_cache(maxsize=8)
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None
