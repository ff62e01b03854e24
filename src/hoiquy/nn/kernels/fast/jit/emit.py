"""Compile a kernel to object code with one symbol for others, `int NAME(const char *words)`.

It takes the words that `fast/abi.py` packs, and returns 0.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import from_dtype, types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.np import arrayobj
from numpy import dtype

from hoiquy.nn.kernels.fast.jit.entries import FUNCTIONS
from hoiquy.nn.kernels.fast.jit.linking import KernelLibrary, only_linking
from hoiquy.nn.kernels.fast.parameters import Group, Parameter

_arrays: Any = arrayobj  # it has no types
_WORD = ir.IntType(64)
_STATUS = ir.IntType(32)


@global_compiler_lock  # type: ignore[untyped-decorator]
def object_code(name: str, parameters: Sequence[Parameter]) -> bytes:
    """The machine code of a kernel for this processor."""
    function: Any = FUNCTIONS[name]
    signature = tuple(_numba_type(parameter) for parameter in parameters)
    context: Any = cpu_target.target_context
    with only_linking(context):
        function.compile(signature)
    compiled = function.overloads[signature]
    library: Any = KernelLibrary(context.codegen(), name)
    library.enable_object_caching()
    library.add_linking_library(compiled.library)
    library.add_ir_module(_entry(context, library, name, compiled.fndesc, signature))
    library.finalize()
    return bytes(library._get_compiled_object())


def _numba_type(parameter: Parameter) -> Any:
    if isinstance(parameter, str):
        return from_dtype(dtype(parameter))
    if isinstance(parameter, Group):
        fields = [_numba_type(field) for field in parameter.fields]
        return types.NamedTuple(fields, parameter.kind)  # type: ignore[no-untyped-call]
    return types.Array(from_dtype(parameter.dtype), parameter.axes, "C")


def _entry(context: Any, library: Any, name: str, described: Any, signature: Any) -> Any:
    """A module with the function that unpacks the words and calls the compiled one."""
    module = library.create_ir_module(name)
    byte = ir.IntType(8).as_pointer()
    entry = ir.Function(module, ir.FunctionType(_STATUS, [byte]), name)
    builder = ir.IRBuilder(entry.append_basic_block())
    native_type = context.call_conv.get_function_type(described.restype, described.argtypes)
    native = ir.Function(module, native_type, described.llvm_func_name)
    words = _Words(builder, entry.args[0])
    arguments = [_unpack(context, builder, words, wanted) for wanted in signature]
    status, _ = context.call_conv.call_function(
        builder, native, described.restype, described.argtypes, arguments
    )
    builder.ret(builder.zext(status.is_error, _STATUS))
    return module


class _Words:
    """Reads one word after another."""

    def __init__(self, builder: Any, start: Any) -> None:
        self._builder, self._next = builder, builder.bitcast(start, _WORD.as_pointer())

    def read(self) -> Any:
        word = self._builder.load(self._next)
        self._next = self._builder.gep(self._next, [_WORD(1)])
        return word


def _unpack(context: Any, builder: Any, words: _Words, wanted: Any) -> Any:
    if isinstance(wanted, types.NamedTuple):
        fields = [_unpack(context, builder, words, field) for field in wanted.types]
        return context.make_tuple(builder, wanted, fields)
    if isinstance(wanted, types.Array):
        return _unpack_array(context, builder, words, wanted)
    if isinstance(wanted, types.Float):
        return builder.bitcast(builder.trunc(words.read(), _STATUS), ir.FloatType())
    return builder.trunc(words.read(), context.get_value_type(wanted))


def _unpack_array(context: Any, builder: Any, words: _Words, wanted: Any) -> Any:
    array = _arrays.make_array(wanted)(context, builder)
    data = builder.inttoptr(words.read(), array.data.type)
    shape = [words.read() for _ in range(wanted.ndim)]
    itemsize = _WORD(context.get_abi_sizeof(context.get_data_type(wanted.dtype)))
    strides = [itemsize]
    for size in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], size))
    _arrays.populate_array(array, data, shape, strides, itemsize, None)
    return array._getvalue()
