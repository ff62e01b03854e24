"""Load the object code of kernels with llvmlite alone: importing Numba takes a second.

What the cache lacks is compiled here and not saved; `compile_all.py` fills the cache.
"""

import ctypes
import sys
from collections.abc import Callable, Sequence
from functools import cache
from threading import Lock
from typing import Any

from llvmlite import binding

from hoiquy.nn.kernels.fast.cache import read_file, usable_folder
from hoiquy.nn.kernels.fast.parameters import Parameter

Function = Callable[[bytes], int]

_SIGNATURE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)  # its calls release the GIL
_MATHEMATICS = ("expf", "logf", "sqrtf")  # of the C library, which kernels call
_engines: list[Any] = []  # hold the code in memory
_lock = Lock()  # of LLVM


def load(name: str, parameters: Sequence[Parameter]) -> Function:
    """The function of a kernel, from the cache or compiled."""
    code = read_file(usable_folder(), file_name(name)) or compile_kernel(name, parameters)
    return loaded(name, code)


def file_name(kernel: str) -> str:
    """The name of a kernel's file in the cache."""
    return f"{kernel}.o"


def compile_kernel(name: str, parameters: Sequence[Parameter]) -> bytes:
    """Return the object code of a kernel."""
    from hoiquy.nn.kernels.fast.jit.emit import object_code  # imports Numba

    code: bytes = object_code(name, parameters)
    return code


def loaded(name: str, code: bytes) -> Function:
    """The function `name` of some object code."""
    with _lock:
        _prepare_llvm()
        machine = binding.Target.from_default_triple().create_target_machine(jit=True)
        engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        engine.add_object_file(binding.ObjectFileRef.from_data(code))
        engine.finalize_object()
        _engines.append(engine)
        return _SIGNATURE(engine.get_function_address(name))


@cache
def _prepare_llvm() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    for name in _MATHEMATICS:
        if not binding.address_of_symbol(name):
            address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
            binding.add_symbol(name, address)
