"""The code of lambdas in files, as Keras writes it: it never runs from there.

A file is loaded where the program has made a `Lambda` of the same code; that one is used.
"""

import base64
import json
import marshal
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from hoiquy.keras.errors import NotSupportedError

Function = Callable[..., Any]

_made: dict[str, Function] = {}


def is_lambda(function: Any) -> bool:
    """Whether a function has code but no name."""
    return getattr(function, "__name__", "") == "<lambda>" and hasattr(function, "__code__")


def remember(function: Function) -> None:
    """Find this lambda from now on in files that hold its code."""
    try:
        _made[_key(written(function))] = function
    except NotSupportedError:
        return  # it cannot be in a file


def written(function: Function) -> dict[str, Any]:
    """The configuration that Keras writes for a lambda.

    Raises NotSupportedError for one that uses values other than numbers and texts.
    """
    cells = function.__closure__ or ()
    code = marshal.dumps(_without_places(function.__code__), 2)
    try:
        config = {
            "code": base64.encodebytes(code).decode("ascii"),
            "defaults": function.__defaults__,
            "closure": [cell.cell_contents for cell in cells] or None,
        }
        json.dumps(config)
    except (TypeError, ValueError) as error:
        raise NotSupportedError(
            "a lambda that uses other values than numbers and texts is not written to files; "
            "define the function with def, and give it to load_model in custom_objects"
        ) from error
    return {"class_name": "__lambda__", "config": config}


def found(config: Any) -> Function | None:
    """The program's lambda of the code that a file holds; None if it has made none."""
    if not isinstance(config, Mapping) or config.get("class_name") != "__lambda__":
        return None
    try:
        return _made.get(_key(config))
    except (TypeError, ValueError):
        return None


def _key(config: Mapping[str, Any]) -> str:
    return json.dumps(config["config"], sort_keys=True)


def _without_places(code: CodeType) -> CodeType:
    """The code without file, line and enclosing function: it is the same wherever it stands."""
    constants = tuple(
        _without_places(one) if isinstance(one, CodeType) else one for one in code.co_consts
    )
    return code.replace(
        co_consts=constants, co_filename="", co_firstlineno=1, co_linetable=b"",
        co_qualname=code.co_name,
    )  # fmt: skip
