"""fit, evaluate and predict of models."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from hoiquy.keras import usage
from hoiquy.keras.callbacks import CallbackList
from hoiquy.keras.errors import as_value_errors
from hoiquy.keras.models.compiling import returned
from hoiquy.keras.models.data import (
    Data,
    build_for_first_batch,
    fit_data,
    number_of_steps,
    possible_epochs,
    training_data,
)
from hoiquy.keras.models.listener import CallbackListener
from hoiquy.keras.models.old_methods import OldMethods
from hoiquy.keras.models.options import ignore_options, verbosity, whole
from hoiquy.keras.models.protocol import BuildableModel
from hoiquy.keras.models.single_batches import SingleBatches
from hoiquy.training import arrays

_DEFAULT_BATCH_SIZE = 32
_IGNORED = dict.fromkeys(
    ("workers", "use_multiprocessing", "max_queue_size", "nb_worker", "pickle_safe"),
    "batches are made where they are needed",
)


class Training(OldMethods, SingleBatches):
    """What a model needs to be trained; the base of `Model`."""

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **kwargs: Any,
    ) -> Any:
        """Train the model; arguments as in Keras.

        Returns:
            The `History`: losses and metrics of each epoch.

        Raises:
            KerasError: The model is not compiled, or arrays do not fit it or each other.
        """
        epochs = whole("epochs", kwargs.pop("nb_epoch", epochs), 0)
        ignore_options("fit", kwargs, _IGNORED)
        with usage.timed("fit"), as_value_errors():
            self.require_compiled()
            data, validation = fit_data(
                cast(BuildableModel, self), (x, y, sample_weight), class_weight, bool(shuffle),
                validation_data, validation_split,
            )  # fmt: skip
            trainer, size = self.prepared_trainer(data), _size(batch_size)
            self.batch_size, self.fitted_rows = size, (_rows(data), _rows(validation))
            scored = None if validation is None else arrays.Validation(
                validation, validation_batch_size, validation_steps, validation_freq
            )  # fmt: skip
            with self._events(data, size, steps_per_epoch, verbose, callbacks, epochs) as listener:
                restored = listener.callbacks.restored_epoch()
                numbers = range(initial_epoch if restored is None else restored, epochs)
                arrays.fit(
                    trainer, data, batch_size=size, steps_per_epoch=steps_per_epoch,
                    epochs=possible_epochs(data, numbers, steps_per_epoch), shuffle=bool(shuffle),
                    validation=scored, listener=listener,
                )  # fmt: skip
            return self.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics of some data; arguments as in Keras.

        Returns:
            The loss, a list of loss and metrics, or with `return_dict` a dictionary.

        Raises:
            KerasError: As `fit`.
        """
        ignore_options("evaluate", kwargs, _IGNORED)
        with usage.timed("evaluate"), as_value_errors():
            self.require_compiled()
            data = training_data(cast(BuildableModel, self), (x, y, sample_weight))
            trainer, size = self.prepared_trainer(data), _size(batch_size)
            with self._events(data, size, steps, verbose, callbacks) as listener:
                logs = arrays.evaluate(
                    trainer, data, batch_size=size, steps=steps, listener=listener
                )
            return returned(logs, trainer.objectives, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The outputs for some data, as arrays in the structure of the model's outputs.

        Raises:
            KerasError: Arrays do not fit the model.
        """
        ignore_options("predict", kwargs, _IGNORED)
        with usage.timed("predict"), as_value_errors():
            model = cast(BuildableModel, self)
            data, size = training_data(model, (x, None, None)), _size(batch_size)
            build_for_first_batch(model, data)
            with self._events(data, size, steps, verbose, callbacks) as listener:
                outputs = arrays.predict(
                    self.trainer_for_predictions(), data, batch_size=size, steps=steps,
                    listener=listener,
                )  # fmt: skip
            return model.packed_outputs(list(outputs))

    @contextmanager
    def _events(
        self, data: Data, size: int, steps: int | None, verbose: Any, callbacks: Any,
        epochs: int | None = None,
    ) -> Iterator[CallbackListener]:  # fmt: skip
        """Call callbacks within the block; `epochs` is None outside of `fit`."""
        with CallbackList(
            callbacks, add_history=epochs is not None, add_progbar=verbose != 0, model=self,
            verbose=verbosity(verbose), epochs=1 if epochs is None else epochs,
            steps=number_of_steps(data, size) if steps is None else steps,
        ) as listed:  # fmt: skip
            yield CallbackListener(self, listed)


def _rows(data: Data | None) -> int:
    """The rows of arrays; 0 for what is not known."""
    return data.rows if isinstance(data, arrays.Arrays) else 0


def _size(batch_size: int | None) -> int:
    return _DEFAULT_BATCH_SIZE if batch_size is None else whole("batch_size", batch_size)
