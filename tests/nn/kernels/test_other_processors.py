"""The kernels on other processors: compiled and inspected, not run."""

import re
from functools import cache
from typing import Any

import numba
import pytest
from llvmlite import binding

from hoiquy.nn.kernels.fast.jit import compiler, elementwise, matmul

FLAT = numba.float32[::1]
TILES = 8 * (6 + 4 + 2 + 1) * (2 + 1)  # multiply-adds of all tiles of a product
KERNELS = {
    "product": (matmul.multiply, (numba.intp,) * 9, TILES),
    "gradient": (matmul.add_gradient, (numba.intp,) * 9, 8 * 4 * (3 + 1)),
    "activations": (elementwise.activate, (numba.int64, FLAT), 4 * 7),
}
every_kernel = pytest.mark.parametrize("name", KERNELS)


@cache
def llvm_code(name: str) -> str:
    """The code that Numba gives to LLVM for this processor."""
    function, signature, _ = KERNELS[name]
    dispatcher: Any = numba.njit(**compiler.OPTIONS)(function.py_func)  # type: ignore[attr-defined]
    dispatcher.compile(signature)
    return str(dispatcher.inspect_llvm(dispatcher.signatures[0]))


def assembly(name: str, triple: str, processor: str, features: str = "") -> str:
    """The machine code of a kernel for another processor."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    machine = binding.Target.from_triple(triple).create_target_machine(
        cpu=processor, features=features, opt=3
    )
    code = re.sub('target triple = ".*"', f'target triple = "{triple}"', llvm_code(name))
    code = re.sub('target datalayout = ".*"', f'target datalayout = "{machine.target_data}"', code)
    module = binding.parse_assembly(code)
    module.verify()
    return str(machine.emit_assembly(module))


@every_kernel
@pytest.mark.parametrize("processor", ["neoverse-n1", "apple-m1"])
def test_neon_multiplies_and_adds_whole_vectors(name: str, processor: str) -> None:
    code = assembly(name, "aarch64-unknown-linux-gnu", processor)
    whole = re.findall(r"\bfml[as]\s+v\d+\.4s", code)
    assert len(whole) >= 2 * KERNELS[name][2]  # two of NEON's vectors are one of ours
    assert not re.findall(r"\bfmadd\s+s\d+", code) or name == "activations"  # but for its last few


@every_kernel
def test_a_processor_with_longer_vectors_takes_the_same_code(name: str) -> None:
    """AVX-512: vectors of LANES numbers in its larger set of registers."""
    code = assembly(name, "x86_64-unknown-linux-gnu", "skylake-avx512")
    assert len(re.findall(r"\bvfn?m(?:add|sub)\d+ps\b.*[yz]mm", code)) >= KERNELS[name][2]


def test_without_fused_multiply_add_every_one_would_be_a_call() -> None:
    """Why such processors take the plain kernels."""
    code = assembly("product", "x86_64-unknown-linux-gnu", "x86-64")
    assert "fmaf" in code
    assert "vfmadd" not in code
