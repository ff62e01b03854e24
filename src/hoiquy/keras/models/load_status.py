"""What `load_weights` returns, in place of TensorFlow's status of a checkpoint."""

from typing import Self


class LoadStatus:
    """The methods of TensorFlow's status; each has nothing left to check and returns itself."""

    def expect_partial(self) -> Self:
        """Nothing is missing: `load_weights` raises an error for weights that do not fit."""
        return self

    def assert_consumed(self) -> Self:
        """All weights of the file are in the model."""
        return self

    def assert_existing_objects_matched(self) -> Self:
        """All weights of the model come from the file."""
        return self

    def assert_nontrivial_match(self) -> Self:
        """Weights of the model come from the file."""
        return self

    def _ipython_display_(self) -> None:
        """A notebook shows nothing, as after Keras 3's `load_weights`, which returns None."""
