"""How a run folder starts, and whether a run in it can be resumed."""

from pathlib import Path
from typing import Literal, get_args

import numpy as np

from hoiquy.data.dataset import Dataset
from hoiquy.data.source import columns_entry
from hoiquy.errors import InputError, RunError
from hoiquy.nn.kernels import kernel_kind
from hoiquy.runs.environment import changes_since, exact_facts
from hoiquy.runs.files import environment_file
from hoiquy.runs.folder import load_environment_of
from hoiquy.system.checksummed_files import write_checksummed

Engine = Literal["hoiquy", "keras"]


def changes_of_run(folder: Path, dataset: Dataset, engine: Engine, allow: bool) -> list[str]:
    """What differs from when the run started: versions, processor, data.

    Changes are recorded in `environment.json` if they are allowed, and stay there.
    Raises RunError if they are not.
    """
    environment = load_environment_of(folder)
    changes = changes_since(environment.get("exact", {}), exact_facts(kernels_of(engine)))
    fingerprint = dataset.fingerprint()
    before = environment.get("data_fingerprint", fingerprint)
    if before != fingerprint:
        changes.append(f"data {before[:12]} → {fingerprint[:12]}")
    if changes and not allow:
        raise RunError(
            f"{folder} cannot be resumed as the same training, because this has changed: "
            f"{', '.join(changes)}; restore it, or allow it, which marks the run: "
            f"hoiquy resume {folder} --allow-changes"
        )
    recorded = list(dict.fromkeys([*environment.get("changes", []), *changes]))
    now = environment | {"data_fingerprint": fingerprint, "changes": recorded}
    now |= columns_entry(dataset)
    if now != environment:
        write_checksummed(folder, environment_file(now))
    return recorded


def kernels_of(engine: Engine) -> str:
    """The kernels, as `describe_environment` records them."""
    return kernel_kind(np.float32) if engine == "hoiquy" else engine_name(engine)


def engine_name(engine: str) -> str:
    """The engine's name for the result. Raises InputError for an unknown one."""
    if engine == "hoiquy":
        return "hoiquy"
    if engine == "keras":
        from hoiquy.interop import keras

        return keras.engine_name()
    raise InputError(f"unknown engine {engine!r}; expected {' or '.join(get_args(Engine))}")
