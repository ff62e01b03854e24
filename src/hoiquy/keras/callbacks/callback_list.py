"""Calls several callbacks, in order, for the events of the training loop."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from hoiquy.keras.callbacks.callback import Callback, Logs
from hoiquy.keras.callbacks.history import History
from hoiquy.keras.callbacks.progbar_logger import ProgbarLogger
from hoiquy.keras.errors import KerasError
from hoiquy.keras.stale_names import AliasedLogs

_BATCH_EVENTS = {
    "on_train_batch_begin": "on_batch_begin",
    "on_train_batch_end": "on_batch_end",
    "on_test_batch_begin": None,
    "on_test_batch_end": None,
    "on_predict_batch_begin": None,
    "on_predict_batch_end": None,
}


class CallbackList:
    """The callbacks of one `fit`, `evaluate` or `predict`; a context manager.

    At the end of the `with` block, the progress bar and open files are closed, also after Ctrl-C.
    Callbacks that do not override an event of the batches cost nothing there.
    """

    def __init__(
        self, callbacks: Any = None, add_history: bool = False, add_progbar: bool = False,
        model: Any = None, **params: Any,
    ) -> None:  # fmt: skip
        """Gather the callbacks.

        Args:
            callbacks: A callback, a list of them (which may hold lists), or None.
            add_history: Whether to add a History after them unless they hold one.
            add_progbar: Whether to add a progress bar unless they hold one.
            model: The model, which becomes `callback.model`.
            **params: "verbose", "epochs", "steps" and others, which become `callback.params`.

        Raises:
            KerasError: Something in the list is not a callback.
        """
        self.callbacks: list[Any] = list(_flattened(callbacks))
        self.history = self._of_type(History)
        if self.history is None and add_history:
            self.history = History()
            self.callbacks.append(self.history)
        if add_progbar and self._of_type(ProgbarLogger) is None:
            self.callbacks.append(ProgbarLogger())
        self.params = params
        self._model: Any = None
        self._on_batch = {
            event: [one for one in self.callbacks if _overrides(one, event, older)]
            for event, older in _BATCH_EVENTS.items()
        }
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for callback in self.callbacks:
            close = getattr(callback, "close", None)
            if callable(close):
                close()

    def append(self, callback: Any) -> None:
        """Add a callback at the end."""
        self.__init__([*self.callbacks, callback], model=self._model, **self.params)  # type: ignore[misc]

    def set_model(self, model: Any) -> None:
        """Give the model to every callback."""
        self._model = model
        if self.history is not None:
            model.history = self.history
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Give the parameters to every callback."""
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_validation_data(self, data: Any) -> None:
        """Give every callback what its attribute `validation_data` is."""
        for callback in self.callbacks:
            if isinstance(callback, Callback):
                callback._validation_data = data

    @property
    def stop_training(self) -> bool:
        """`model.stop_training`, which callbacks set."""
        return bool(getattr(self._model, "stop_training", False))

    @stop_training.setter
    def stop_training(self, value: bool) -> None:
        self._model.stop_training = value

    def restored_epoch(self) -> int | None:
        """Restore an interrupted training; returns its next epoch, None if there is no backup."""
        for callback in self.callbacks:
            restore = getattr(callback, "restore", None)
            if callable(restore):
                epoch = restore()
                if epoch is not None:
                    return int(epoch)
        return None

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_train_begin", logs)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_train_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_epoch_begin", logs, epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_epoch_end", logs, epoch)

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_test_begin", logs)

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_test_end", logs)

    def on_predict_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_predict_begin", logs)

    def on_predict_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_predict_end", logs)

    def on_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call_on_batch("on_train_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call_on_batch("on_train_batch_end", batch, logs)

    on_train_batch_begin = on_batch_begin
    on_train_batch_end = on_batch_end

    def on_test_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call_on_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call_on_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call_on_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call_on_batch("on_predict_batch_end", batch, logs)

    def _call(self, event: str, logs: Mapping[str, Any] | None, *arguments: int) -> None:
        shared = _sorted(logs)
        for callback in self.callbacks:
            getattr(callback, event)(*arguments, shared)

    def _call_on_batch(self, event: str, batch: int, logs: Mapping[str, Any] | None) -> None:
        callbacks = self._on_batch[event]
        if callbacks:
            shared = _sorted(logs)
            for callback in callbacks:
                getattr(callback, event)(batch, logs=shared)

    def _of_type(self, kind: type[Any]) -> Any:
        return next((one for one in self.callbacks if isinstance(one, kind)), None)


def _sorted(logs: Mapping[str, Any] | None) -> Logs:
    """The logs in the order of their names, as Keras gives them; old names are found, too."""
    return AliasedLogs(sorted(logs.items())) if logs else {}


def _flattened(callbacks: Any) -> Iterator[Any]:
    if callbacks is None:
        return
    if isinstance(callbacks, CallbackList):
        yield from callbacks.callbacks
    elif isinstance(callbacks, Iterable) and not isinstance(callbacks, str):
        for one in callbacks:
            yield from _flattened(one)
    elif inspect.isclass(callbacks):
        name = callbacks.__name__
        raise KerasError(f"callbacks: {name} is a class; create the callback: {name}(...)")
    elif not hasattr(callbacks, "set_model"):
        raise KerasError(f"callbacks: {callbacks!r} is not a callback")
    else:
        yield callbacks


def _overrides(callback: Any, event: str, older: str | None) -> bool:
    """Whether a callback does anything at an event of the batches."""
    names = (event,) if older is None else (event, older)
    for name in names:
        method = getattr(callback, name, None)
        if getattr(method, "__func__", method) is not getattr(Callback, name):
            return method is not None
    return False
