"""The version, as `tensorflow.version`: the release whose names hoiquy follows."""

from hoiquy.keras.import_hook.releases import TENSORFLOW_VERSION

__all__ = ["COMPILER_VERSION", "GIT_VERSION", "VERSION"]

VERSION = TENSORFLOW_VERSION
GIT_VERSION = COMPILER_VERSION = "hoiquy"
