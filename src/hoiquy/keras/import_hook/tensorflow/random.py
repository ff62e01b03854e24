"""Seeds, as `tensorflow.random`."""

from hoiquy.keras import seed as _engine

__all__ = ["set_random_seed", "set_seed"]


def set_seed(seed: int) -> None:
    """Set the seed of the engine; Python's and NumPy's own seeds stay as they are."""
    _engine.set_seed(seed)


set_random_seed = set_seed
