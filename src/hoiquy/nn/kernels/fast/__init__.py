"""The fast kernels: machine code that Numba compiles, with a matrix micro-kernel; float32 only.

They compute the same as `hoiquy.nn.kernels.plain`, to rounding, on blocked arrays (`blocking.py`).
Units are padded with zeros to a multiple of LANES (8 float32, an AVX2 register): padded units have
zero states and zero gradients, so that any size works. Compiled code works on addresses, so each
public function checks shapes and dtypes first.

`jit` has the source of the kernels, and only the process that compiles imports it and Numba. Their
object code is kept in a cache folder (`cache.py`), loaded with llvmlite (`object_code.py`) and
called by address (`abi.py`); `compiled.py` lists them.
"""
