"""The fast kernels: Numba with a matrix micro-kernel in LLVM IR, float32 only.

They compute the same as `hoiquy.nn.kernels.plain`, to rounding, on blocked arrays (`blocking.py`).
Units are padded with zeros to a multiple of LANES (8 float32, an AVX2 register): padded units have
zero states and zero gradients, so that any size works. Compiled code works on addresses, so each
public function checks shapes and dtypes first.
"""
