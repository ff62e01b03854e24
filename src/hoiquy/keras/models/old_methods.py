"""Methods of models that Keras 3 no longer has."""

import math
from collections.abc import Iterator
from itertools import chain
from typing import Any, NoReturn

from hoiquy.keras.data.batches import is_batch_source
from hoiquy.keras.errors import MissingNameError
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.usage import record_raised


class OldMethods:
    """`fit_generator`, `predict_classes` and the like, by today's methods."""

    def fit_generator(self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1,
                      **kwargs: Any) -> Any:  # fmt: skip
        """`fit` on a generator. Keras 1 counts samples: they are divided by the first batch's."""
        epochs = kwargs.pop("nb_epoch", epochs)
        kwargs.pop("max_q_size", None)
        samples = kwargs.pop("samples_per_epoch", None)
        if samples is not None:
            generator, steps_per_epoch = _with_steps(generator, samples)
        samples = kwargs.pop("nb_val_samples", None)
        if samples is not None and is_batch_source(kwargs.get("validation_data")):
            batches, kwargs["validation_steps"] = _with_steps(kwargs["validation_data"], samples)
            kwargs["validation_data"] = batches
        return self.fit(generator, steps_per_epoch=steps_per_epoch, epochs=epochs, **kwargs)  # type: ignore[attr-defined]

    def evaluate_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """`evaluate` on a generator; silent unless `verbose` is given."""
        if "val_samples" in kwargs:
            generator, steps = _with_steps(generator, kwargs.pop("val_samples"))
        return self.evaluate(generator, steps=steps, **{"verbose": 0, **kwargs})  # type: ignore[attr-defined]

    def predict_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """`predict` on a generator; silent unless `verbose` is given."""
        if "val_samples" in kwargs:
            generator, steps = _with_steps(generator, kwargs.pop("val_samples"))
        return self.predict(generator, steps=steps, **{"verbose": 0, **kwargs})  # type: ignore[attr-defined]

    def to_yaml(self, **kwargs: Any) -> NoReturn:
        """Keras 2's YAML. Raises MissingNameError: Keras 3 has none."""
        record_raised("Model.to_yaml")
        raise MissingNameError(
            "Model.to_yaml: Keras 3 has no YAML: use to_json, which model_from_json reads"
        )

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


def _with_steps(batches: Any, samples: int) -> tuple[Any, int]:
    """The batches, and how many of them hold so many samples if all are as the first one."""
    first = next(batches) if isinstance(batches, Iterator) else batches[0]
    inputs = first[0] if isinstance(first, tuple) else first
    if isinstance(inputs, dict):
        inputs = next(iter(inputs.values()))
    elif isinstance(inputs, list) and hasattr(inputs[0], "shape"):
        inputs = inputs[0]
    whole = chain([first], batches) if isinstance(batches, Iterator) else batches
    return whole, math.ceil(samples / len(inputs))
