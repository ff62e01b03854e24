"""What is known of a training before its first step, and how its folder begins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from hoiquy.data.source import DataSource
from hoiquy.errors import InputError, RunError
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.shards import default_threads
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.environment import describe_environment
from hoiquy.runs.files import RECIPE, environment_file, recipe_file
from hoiquy.system.checksummed_files import write_checksummed

Engine = Literal["hoiquy", "keras"]


def begin_run(
    folder: Path,
    recipe: Recipe,
    engine: Engine,
    source: DataSource,
    command: Sequence[str],
    began_with: Mapping[str, Any] | None = None,
) -> None:
    """Write into a locked, empty folder what is to be trained there: from now on it can be resumed.

    began_with: facts beside those of `describe_environment`: of a language model, of a lesson.
    Raises RunError if another process was first; InputError for an unknown engine.
    """
    if (folder / RECIPE).exists():
        raise RunError(f"the folder {folder} exists already and is not empty: choose another --out")
    environment = describe_environment(
        engine=engine,
        threads=default_threads(),
        kernels=kernels_of(engine),
        seed=recipe.training.seed,
        data_source=source.where(),
        data_options=source.how(),
        command=command,
    )
    environment |= began_with or {}
    write_checksummed(folder, environment_file(environment) | recipe_file(recipe))


def kernels_of(engine: Engine) -> str:
    """The kernels, as `describe_environment` notes them."""
    return kernel_kind(np.float32) if engine == "hoiquy" else engine_name(engine)


def engine_name(engine: str) -> str:
    """The engine's name for the result. Raises InputError for an unknown one."""
    if engine == "hoiquy":
        return "hoiquy"
    if engine == "keras":
        from hoiquy.interop import keras

        return keras.engine_name()
    raise InputError(f"unknown engine {engine!r}; expected {' or '.join(get_args(Engine))}")
