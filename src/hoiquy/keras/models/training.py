"""fit, evaluate and predict of models."""

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
    require_end,
    training_data,
)
from hoiquy.keras.models.old_methods import OldMethods
from hoiquy.keras.models.older_callbacks import NOTHING_OLDER, OlderFacts, as_in_keras_2
from hoiquy.keras.models.options import ignore_options, verbosity, whole
from hoiquy.keras.models.protocol import BuildableModel
from hoiquy.keras.models.single_batches import SingleBatches
from hoiquy.training import arrays

_DEFAULT_BATCH_SIZE = 32
_IGNORED = dict.fromkeys(
    ("workers", "use_multiprocessing", "max_queue_size", "nb_worker", "pickle_safe"),
    "batches are made where they are needed",
)


class _Callbacks(CallbackList, arrays.FitListener):
    """The callbacks of a call, as the loops of `training.arrays` call them."""

    def first_epoch(self, initial: int) -> int:
        """Where an interrupted training continues; `initial` if there is no backup."""
        restored = self.restored_epoch()
        return initial if restored is None else restored


class Training(OldMethods, SingleBatches):
    """What a model needs to be trained; the base of `Model`."""

    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1,
        verbose: Any = "auto", callbacks: Any = None, validation_split: float = 0.0,
        validation_data: Any = None, shuffle: Any = True, class_weight: Any = None,
        sample_weight: Any = None, initial_epoch: int = 0, steps_per_epoch: int | None = None,
        validation_steps: int | None = None, validation_batch_size: int | None = None,
        validation_freq: Any = 1, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Train the model and return the `History`: losses and metrics of each epoch.

        Args:
            x: An array of inputs (rows, …); a list or dictionary of them, or batches (x, y, w).
            y: Targets (rows, …), in the structure of the outputs.
            batch_size: Rows of a batch of arrays; 32 by default.
            epochs: The number of the last epoch, counted from 1.
            verbose: 0 prints nothing, 1 a progress bar, 2 a line an epoch.
            callbacks: A callback or a list of them.
            validation_split: The share of the last rows that are scored instead of trained.
            validation_data: (x, y), (x, y, weights) or batches, scored after epochs.
            shuffle: Whether rows, or the batches of a `Sequence`, come in another order each epoch.
            class_weight: Factors of the loss by class.
            sample_weight: Factors of the loss (rows,) or (rows, steps).
            initial_epoch: The number of epochs that were trained before.
            steps_per_epoch: Batches of an epoch; by default all.
            validation_steps: Batches of the validation; by default all.
            validation_batch_size: By default `batch_size`.
            validation_freq: Every so many epochs, or the numbers of the epochs, from 1.
            **kwargs: Names of Keras 1 and 2, and arguments that cannot change a result.

        Raises:
            KerasError: The model is not compiled, or the data do not fit it or each other.
            KerasTypeError: An argument is unknown.
        """
        epochs = whole("epochs", kwargs.pop("nb_epoch", epochs), 0)
        self.show_accuracy(kwargs.pop("show_accuracy", False))
        ignore_options("fit", kwargs, _IGNORED)
        with usage.timed("fit"), as_value_errors():
            self.require_compiled()
            data, validation = fit_data(
                cast(BuildableModel, self), (x, y, sample_weight), class_weight, bool(shuffle),
                validation_data, validation_split,
            )  # fmt: skip
            require_end(data, steps_per_epoch, "steps_per_epoch")
            require_end(validation, validation_steps, "validation_steps")
            trainer, size = self.prepared_trainer(data), _size(batch_size)
            self.batch_size, self.fitted_rows = size, (_rows(data), _rows(validation))
            scored = None if validation is None else arrays.Validation(
                validation, validation_batch_size, validation_steps, validation_freq
            )  # fmt: skip
            older = as_in_keras_2(self, data, validation, validation_data)
            with self._callbacks(
                data, size, steps_per_epoch, verbose, callbacks, epochs, older
            ) as listener:
                numbers = range(listener.first_epoch(initial_epoch), epochs)
                arrays.fit(
                    trainer, data, batch_size=size, steps_per_epoch=steps_per_epoch,
                    epochs=possible_epochs(data, numbers, steps_per_epoch), shuffle=bool(shuffle),
                    validation=scored, listener=listener,
                )  # fmt: skip
            return self.history

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: Any = "auto",
        sample_weight: Any = None, steps: int | None = None, callbacks: Any = None,
        return_dict: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """The loss and the metrics of some data.

        Args:
            x: As in `fit`.
            y: As in `fit`.
            batch_size: As in `fit`; results do not depend on it but for rounding.
            verbose: As in `fit`.
            sample_weight: As in `fit`.
            steps: How many batches; by default all.
            callbacks: As in `fit`.
            return_dict: Whether to return a dictionary by name.
            **kwargs: As in `fit`.

        Returns:
            The loss, a list of loss and metrics, or a dictionary.

        Raises:
            KerasError: As `fit`.
            KerasTypeError: As `fit`.
        """
        self.show_accuracy(kwargs.pop("show_accuracy", False))
        ignore_options("evaluate", kwargs, _IGNORED)
        with usage.timed("evaluate"), as_value_errors():
            self.require_compiled()
            data = training_data(cast(BuildableModel, self), (x, y, sample_weight))
            require_end(data, steps, "steps")
            trainer, size = self.prepared_trainer(data), _size(batch_size)
            with self._callbacks(data, size, steps, verbose, callbacks) as listener:
                logs = arrays.evaluate(
                    trainer, data, batch_size=size, steps=steps, listener=listener
                )
            return returned(logs, trainer.objectives, return_dict)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = "auto",
        steps: int | None = None, callbacks: Any = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """The outputs for some data: float32 arrays (rows, …) in the structure of the outputs.

        Args:
            x: As in `fit`.
            batch_size: As in `evaluate`.
            verbose: As in `fit`.
            steps: How many batches; by default all.
            callbacks: As in `fit`.
            **kwargs: As in `fit`.

        Raises:
            KerasError: The data do not fit the model.
            KerasTypeError: An argument is unknown.
        """
        ignore_options("predict", kwargs, _IGNORED)
        with usage.timed("predict"), as_value_errors():
            model = cast(BuildableModel, self)
            data, size = training_data(model, (x, None, None)), _size(batch_size)
            require_end(data, steps, "steps")
            build_for_first_batch(model, data)
            with self._callbacks(data, size, steps, verbose, callbacks) as listener:
                outputs = arrays.predict(
                    self.trainer_for_predictions(), data, batch_size=size, steps=steps,
                    listener=listener,
                )  # fmt: skip
            return model.packed_outputs(list(outputs))

    def _callbacks(
        self, data: Data, size: int, steps: int | None, verbose: Any, callbacks: Any,
        epochs: int | None = None, older: OlderFacts = NOTHING_OLDER,
    ) -> _Callbacks:  # fmt: skip
        """The callbacks of a call, with the progress bar; `epochs` is None outside of `fit`."""
        made = _Callbacks(
            callbacks, add_history=epochs is not None, add_progbar=verbose != 0, model=self,
            verbose=verbosity(verbose), epochs=1 if epochs is None else epochs,
            steps=number_of_steps(data, size) if steps is None else steps, **older.parameters,
        )  # fmt: skip
        made.set_validation_data(older.validation_data)
        return made


def _rows(data: Data | None) -> int:
    """The rows of arrays; 0 for what is not known."""
    return data.rows if isinstance(data, arrays.Arrays) else 0


def _size(batch_size: int | None) -> int:
    return _DEFAULT_BATCH_SIZE if batch_size is None else whole("batch_size", batch_size)
