"""A recipe with every setting that has a part in a step, and the bits of what it trains."""

from hashlib import sha256

from hoiquy.recipe.recipe import Recipe
from hoiquy.training.loop import Fitted
from miniatures import miniature

# With dropout, a mask, n-grams and adversaries of the recipes themselves.
SETTINGS = (
    "training.batch_size=110", "training.clip_norm=0.5",
    "training.class_weight={neg=0.4, pos=1.7}",
    "training.schedule={type='exponential', decay_rate=0.9}",
)  # fmt: skip
DOCUMENTS = 160  # of which 144 or 152 are trained on: steps of 4 shards and of 2


def every_setting(name: str, epochs: int) -> Recipe:
    """A miniature whose epochs have two steps."""
    return miniature(name, *SETTINGS, f"training.epochs={epochs}")


def bits(fitted: Fitted) -> dict[str, object]:
    """Everything that training decides, hashed by array."""
    hashes = {
        name: sha256(array.tobytes()).hexdigest() for name, array in fitted.parameters.items()
    }
    return {**hashes, "history": fitted.history}
