"""Seeds, as `tensorflow.random`."""

from hoiquy.keras.seed import set_seed

__all__ = ["set_random_seed", "set_seed"]

set_random_seed = set_seed
