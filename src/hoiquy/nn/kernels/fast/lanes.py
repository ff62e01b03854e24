"""How many float32 numbers a vector of the fast kernels holds.

Sixteen where the processor has AVX-512, else eight (AVX2; two vectors of NEON). Sums run in the
same order with both, so the bits are the same. HOIQUY_LANES=8 or 16 overrides the choice; sixteen
lanes on a processor without AVX-512 are two instructions each.
"""

import os

from llvmlite import binding

from hoiquy.errors import InputError


def vector_lanes() -> int:
    """8 or 16. Raises InputError for a bad HOIQUY_LANES."""
    setting = os.environ.get("HOIQUY_LANES", "")
    if setting not in ("", "8", "16"):
        raise InputError(f"HOIQUY_LANES={setting!r}: expected 8 or 16")
    if setting:
        return int(setting)
    return 16 if binding.get_host_cpu_features().get("avx512f") else 8


def panel_width(blocks: int) -> int:
    """The vectors of the next panel of so many blocks of columns; one is avoided, as it is slow."""
    if PANEL_VECTORS == 4 and blocks == 5:
        return 3
    return min(PANEL_VECTORS, blocks)


LANES = vector_lanes()
# Vectors of the widest panels of packed matrices: AVX-512 has 32 registers, others have 16.
PANEL_VECTORS = 4 if LANES == 16 else 2
FLOAT_BYTES = 4
BLOCK_BYTES = LANES * FLOAT_BYTES  # a row of a block: one vector
