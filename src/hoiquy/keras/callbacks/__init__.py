"""Keras' callbacks."""

from hoiquy.keras.callbacks.backup_and_restore import BackupAndRestore
from hoiquy.keras.callbacks.callback import Callback
from hoiquy.keras.callbacks.callback_list import CallbackList
from hoiquy.keras.callbacks.csv_logger import CSVLogger
from hoiquy.keras.callbacks.early_stopping import EarlyStopping
from hoiquy.keras.callbacks.history import History
from hoiquy.keras.callbacks.lambda_callback import LambdaCallback
from hoiquy.keras.callbacks.learning_rate_scheduler import LearningRateScheduler
from hoiquy.keras.callbacks.model_checkpoint import ModelCheckpoint
from hoiquy.keras.callbacks.progbar_logger import ProgbarLogger
from hoiquy.keras.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from hoiquy.keras.callbacks.tensorboard import TensorBoard
from hoiquy.keras.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]
