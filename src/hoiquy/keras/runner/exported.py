"""Scripts exported from a notebook: IPython's commands in them are calls of `get_ipython()`."""

import ast
from types import CodeType

from hoiquy.keras.messages import print_note
from hoiquy.keras.runner.notebook import PYTHON_CELL, left_out_note, without_commands

_MARK = b"get_ipython()."


def compiled_script(source: bytes, filename: str) -> CodeType:
    """The code of a script, without the commands of IPython in it.

    A statement such as `get_ipython().run_line_magic('matplotlib', 'inline')` is left out, with a
    note on standard error; of a timed cell or line the Python code stays.
    Raises SyntaxError as `compile` does.
    """
    if _MARK not in source:
        return compile(source, filename, "exec", dont_inherit=True)
    commands = _Commands()
    tree = commands.visit(compile(source, filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True))
    if commands.left_out:
        print_note(left_out_note(commands.left_out))
    return compile(tree, filename, "exec", dont_inherit=True)


class _Commands(ast.NodeTransformer):
    """Replaces calls of IPython that are statements."""

    def __init__(self) -> None:
        self.left_out: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        match node.value:
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=method),
                args=arguments,
            ):
                texts = [one.value for one in arguments if isinstance(one, ast.Constant)]
                body = ast.parse(self._python(method, [str(text) for text in texts])).body
                for inner in ast.walk(ast.Module(body, [])):
                    ast.copy_location(inner, node)
                return body or ast.copy_location(ast.Pass(), node)
        return node

    def _python(self, method: str, texts: list[str]) -> str:
        """The Python code in a command, or none."""
        sign = {"run_cell_magic": "%%", "system": "!"}.get(method, "%")
        self.left_out.append(sign + " ".join(texts[:2]).strip())
        code = ""
        if sign == "%%" and len(texts) == 3 and PYTHON_CELL.match(f"%%{texts[0]}"):
            code = texts[2]
        elif sign == "%" and texts[0] == "time":
            code = texts[1] if len(texts) > 1 else ""
        return without_commands(code, self.left_out)
