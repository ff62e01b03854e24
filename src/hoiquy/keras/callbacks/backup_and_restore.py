"""Keeps a backup during training, from which an interrupted `fit` resumes."""

import contextlib
import json
from os import PathLike
from pathlib import Path
from typing import Any

from hoiquy.keras.callbacks.callback import Callback, Logs
from hoiquy.keras.errors import KerasError
from hoiquy.keras.usage import record_ignored
from hoiquy.system.atomic_write import make_folder, write_text

_WEIGHTS = "latest.weights.h5"
_METADATA = "training_metadata.json"


class BackupAndRestore(Callback):
    """Saves weights, optimizer state and epoch; the next `fit` starts from them."""

    def __init__(
        self,
        backup_dir: str | PathLike[str],
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        save_before_preemption: bool = False,
    ) -> None:
        """Set the folder.

        Args:
            backup_dir: The folder of the backup.
            save_freq: "epoch"; batches are not supported.
            double_checkpoint: Has no effect: a backup is replaced only by a whole one.
            delete_checkpoint: Whether to delete the backup at the end of `fit`.
            save_before_preemption: Has no effect.

        Raises:
            KerasError: The folder is empty, or save_freq is not "epoch".
        """
        super().__init__()
        if not backup_dir:
            raise KerasError("BackupAndRestore: backup_dir is empty; expected a folder")
        if save_freq != "epoch":
            raise KerasError(f"BackupAndRestore: save_freq={save_freq!r}; expected 'epoch'")
        for name, value in (
            ("double_checkpoint", double_checkpoint),
            ("save_before_preemption", save_before_preemption),
        ):
            if value:
                record_ignored("BackupAndRestore", name, "backups are written atomically")
        self.backup_dir = Path(backup_dir)
        self.delete_checkpoint = delete_checkpoint

    def restore(self) -> int | None:
        """Load the backup; returns the epoch to resume with, None if there is none."""
        metadata = self.backup_dir / _METADATA
        if not metadata.is_file():
            return None
        try:
            epoch = json.loads(metadata.read_text("utf-8"))["epoch"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KerasError(f"{metadata} is damaged; delete {self.backup_dir}") from error
        if not isinstance(epoch, int) or epoch < 0:
            raise KerasError(f"{metadata} is damaged: epoch {epoch!r}; delete {self.backup_dir}")
        self.model.load_weights(self.backup_dir / _weights_name(epoch))
        return epoch

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        make_folder(self.backup_dir)
        # The weights of an epoch get a name of their own: metadata never names those of another.
        self.model.save_weights(self.backup_dir / _weights_name(epoch + 1), overwrite=True)
        write_text(self.backup_dir / _METADATA, json.dumps({"epoch": epoch + 1}))
        self._delete(_weights_name(epoch))

    def on_train_end(self, logs: Logs | None = None) -> None:
        if not self.delete_checkpoint:
            return
        self._delete(_METADATA)
        for path in self.backup_dir.glob(f"*.{_WEIGHTS}"):
            self._delete(path.name)
        with contextlib.suppress(OSError):
            self.backup_dir.rmdir()

    def _delete(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self.backup_dir / name).unlink(missing_ok=True)


def _weights_name(epoch: int) -> str:
    return f"epoch-{epoch}.{_WEIGHTS}"
