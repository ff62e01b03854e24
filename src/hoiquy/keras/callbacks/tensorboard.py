"""Writes the metrics of each epoch for TensorBoard."""

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hoiquy.keras.callbacks.callback import Callback, Logs
from hoiquy.keras.errors import KerasError
from hoiquy.keras.usage import record_ignored

if TYPE_CHECKING:
    from hoiquy.callbacks.loggers.event_file import EventFile

_IGNORED = {
    "histogram_freq": "weights are not written",
    "write_graph": "graphs are not written",
    "write_images": "images are not written",
    "write_grads": "gradients are not written",
    "write_steps_per_second": "speeds are not written",
    "profile_batch": "profiles are not written",
    "embeddings_freq": "embeddings are not written",
    "embeddings_layer_names": "embeddings are not written",
    "embeddings_metadata": "embeddings are not written",
    "embeddings_data": "embeddings are not written",
    "batch_size": "it has no meaning without histograms",
}
_DEFAULTS = {"write_graph": True}


class TensorBoard(Callback):
    """Writes the logs of each epoch to `log_dir`/train and `log_dir`/validation, with tensorboardX.

    Without tensorboardX nothing is written, which one warning says.
    """

    def __init__(
        self, log_dir: str | PathLike[str] = "logs", update_freq: Any = "epoch", **options: Any
    ) -> None:
        """Set the folder.

        Args:
            log_dir: The folder.
            update_freq: Only "epoch" has an effect.
            **options: Keras' other arguments, which have no effect.

        Raises:
            KerasError: An argument is unknown.
        """
        super().__init__()
        self.log_dir = fspath(log_dir)
        self._files: dict[str, EventFile] = {}
        if update_freq != "epoch":
            record_ignored("TensorBoard", "update_freq", "metrics are written once an epoch")
        for name, value in options.items():
            if name not in _IGNORED:
                raise KerasError(f"TensorBoard has no argument {name!r}")
            if value and value != _DEFAULTS.get(name):
                record_ignored("TensorBoard", name, _IGNORED[name])

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        parts: dict[str, dict[str, float]] = {"train": {}, "validation": {}}
        for name, value in (logs or {}).items():
            part = "validation" if name.startswith("val_") else "train"
            parts[part][f"epoch_{name.removeprefix('val_')}"] = float(value)
        for part, values in parts.items():
            if values and (file := self._file(part)) is not None:
                file.write_scalars(values, epoch)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self.close()

    def close(self) -> None:
        """Close the files, if they are open."""
        for file in self._files.values():
            file.close()
        self._files = {}

    def _file(self, part: str) -> "EventFile | None":
        if part not in self._files:
            from hoiquy.callbacks.loggers.event_file import EventFile  # a slow import

            try:
                self._files[part] = EventFile(Path(self.log_dir) / part)
            except ImportError:
                reason = "nothing is written without tensorboardX: pip install tensorboardX"
                record_ignored("TensorBoard", "log_dir", reason)
                return None
        return self._files[part]
