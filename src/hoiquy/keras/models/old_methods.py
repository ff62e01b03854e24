"""Methods of models that Keras 3 no longer has."""

from typing import Any

from hoiquy.keras.tensors import AnyArray


class OldMethods:
    """`fit_generator`, `predict_classes` and the like, by today's methods."""

    def fit_generator(self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1,
                      **kwargs: Any) -> Any:  # fmt: skip
        """`fit` on a generator."""
        epochs = kwargs.pop("nb_epoch", epochs)
        return self.fit(generator, steps_per_epoch=steps_per_epoch, epochs=epochs, **kwargs)  # type: ignore[attr-defined]

    def evaluate_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """`evaluate` on a generator; silent unless `verbose` is given."""
        return self.evaluate(generator, steps=steps, **{"verbose": 0, **kwargs})  # type: ignore[attr-defined]

    def predict_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """`predict` on a generator; silent unless `verbose` is given."""
        return self.predict(generator, steps=steps, **{"verbose": 0, **kwargs})  # type: ignore[attr-defined]

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """`predict`, by its older name."""
        return self.predict(x, batch_size=batch_size, verbose=verbose)  # type: ignore[attr-defined]

    def predict_classes(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> AnyArray:
        """The class of each row: the largest of several outputs, or one output above 0.5."""
        probabilities = self.predict_proba(x, batch_size, verbose)
        if probabilities.shape[-1] > 1:
            classes: AnyArray = probabilities.argmax(axis=-1)
            return classes
        return (probabilities > 0.5).astype("int32")  # type: ignore[no-any-return]
