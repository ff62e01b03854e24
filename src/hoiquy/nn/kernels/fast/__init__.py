"""The fast kernels: Numba with a matrix micro-kernel in LLVM IR, float32 only.

They mean the same as `hoiquy.nn.kernels.plain`, to rounding. Everything here works on row-major
arrays whose last axis is padded with zeros to a multiple of LANES (8 float32, an AVX2 register):
padded units hold zero states and get zero gradients, so that any size works. Compiled code sees
addresses, not arrays; each public function checks shapes before it hands them over.
"""
