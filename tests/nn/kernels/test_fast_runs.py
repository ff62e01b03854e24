"""Training runs the fast kernels, and their machine code is vectorised."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from hoiquy.errors import InputError
from hoiquy.nn.kernels import kernels_for
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.jit import (
    compiler,
    elementwise,
    gru,
    gru_reset_before,
    lstm,
    matmul,
)
from hoiquy.nn.kernels.fast.operands import Cell
from hoiquy.nn.kernels.select import processor_is_supported
from hoiquy.training.loop import fit
from miniatures import miniature, prepared

PACKING = {"pack", "pack_transpose", "unpack"}
RECURRENT = {"run_forward", "run_backward", "block", "unblock", *PACKING}
USED = {
    "bai2": {*RECURRENT, "adam_update"},
    "bai4": {*RECURRENT, "scatter_add", "adam_update"},
    "bai5": {*RECURRENT, "scatter_add", "adam_update"},
    "strong": {*RECURRENT, "scatter_add", "adam_update", "adam_update_rows", "find_ngrams"},
}
on_a_fit_processor = pytest.mark.skipif(
    not processor_is_supported(), reason="this processor has no fused multiply-add vectors"
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each compiled function has been called since the test began."""
    counts: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            counts[name] += 1
            return function(*arguments)

        return call

    for kernel in compiled.KERNELS:
        monkeypatch.setattr(compiled, kernel.name, counting(kernel.name, kernel))
    return counts


@on_a_fit_processor
@pytest.mark.parametrize("recipe_name", USED)
def test_training_calls_the_compiled_functions(recipe_name: str, calls: Counter[str]) -> None:
    recipe = miniature(recipe_name, "training.epochs=1")
    fit(recipe, prepared(recipe), threads=1)
    assert calls.keys() - {"dropout", "multiply"} == USED[recipe_name]


def test_plain_kernels_on_request(calls: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    for recipe_name in USED:
        recipe = miniature(recipe_name, "training.epochs=1")
        fit(recipe, prepared(recipe), threads=1)
    assert not calls


def test_which_kernels_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernels_for(np.float32).kind == ("fast" if processor_is_supported() else "plain")
    assert kernels_for(np.float64).kind == "plain"
    monkeypatch.setenv("HOIQUY_KERNELS", "fast")
    assert kernels_for(np.float32).kind == "fast"
    assert kernels_for(np.float64).kind == "plain"
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    assert kernels_for(np.float32).kind == "plain"


@pytest.mark.parametrize("value", ["slow", "FAST", " plain", "1"])
def test_other_values_of_hoiquy_kernels_are_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_KERNELS", value)
    with pytest.raises(InputError, match="expected plain or fast"):
        kernels_for(np.float32)


@pytest.mark.parametrize("name", ["bai5", "auto"])
def test_both_kinds_train_to_the_same_weights(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = miniature(name)
    data = prepared(recipe)
    default = fit(recipe, data, threads=1).parameters
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    plain = fit(recipe, data, threads=1).parameters
    for key, weights in plain.items():
        np.testing.assert_allclose(default[key], weights, atol=2e-4, err_msg=key)


FLAT = numba.float32[::1]
CELL = numba.types.NamedTuple([numba.int64] * 3, Cell)
# Products and multiply-adds of all loops: of tanh, sigmoid, softplus with its log, elu and others,
# less one product by 2, which is a sum with vectors of 8.
ACTIVATIONS = 12 + 10 + 18 + 12 + 1
SLOPES = 1 + 1 + 1 + 9


@on_a_fit_processor
@pytest.mark.parametrize(
    ("function", "signature", "at_least"),
    [
        (matmul.multiply, (numba.intp,) * 9, 8 * (6 + 4 + 2 + 1) * (2 + 1)),
        (matmul.add_gradient, (numba.intp,) * 9, 8 * 4 * (3 + 1)),
        (elementwise.activate, (numba.int64, FLAT), ACTIVATIONS),
        (elementwise.slopes, (numba.int64, FLAT, FLAT), SLOPES),
        (lstm.lstm_cell_forward, (CELL, *(FLAT,) * 4), 2 + ACTIVATIONS),
        (lstm.lstm_cell_backward, (CELL, *(FLAT,) * 6), 32 + ACTIVATIONS + SLOPES),
        (gru.gru_cell_forward, (CELL, *(FLAT,) * 3), 2 + ACTIVATIONS),
        (gru.gru_cell_backward, (CELL, *(FLAT,) * 5), 16 + SLOPES),
        (gru_reset_before.candidate_backward, (CELL, *(FLAT,) * 5), 5 + SLOPES),
    ],
    ids=[
        "product",
        "gradient",
        "activate",
        "slopes",
        "lstm",
        "lstm backward",
        "gru",
        "gru backward",
        "candidate backward",
    ],
)
def test_the_machine_code_multiplies_and_adds_whole_vectors(
    function: Any, signature: Any, at_least: int
) -> None:
    """Every loop, that is: one that stays scalar costs as much as a matrix product."""
    fresh = numba.njit(**compiler.OPTIONS)(function.py_func)
    fresh.compile(signature)
    lines = fresh.inspect_asm(fresh.signatures[0]).splitlines()
    whole = [line for line in lines if re.search(r"v(mul|fn?m\w+)ps\b.*[yz]mm", line)]
    whole += [line for line in lines if re.search(r"fm(la|ls|ul)\b.*\.4s", line)]  # NEON's
    assert len(whole) >= at_least
