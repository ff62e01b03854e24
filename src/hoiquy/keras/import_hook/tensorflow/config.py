"""Devices and their settings, as `tensorflow.config`: one processor, and settings without effect.

Number of threads: HOIQUY_THREADS. The same program gives the same bits on any number of them.
"""

from typing import Any, NamedTuple

from hoiquy.keras.usage import record_ignored

__all__ = [
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "VirtualDeviceConfiguration",
    "enable_op_determinism",
    "get_soft_device_placement",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "run_functions_eagerly",
    "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads",
    "set_jit",
    "set_logical_device_configuration",
    "set_memory_growth",
    "set_soft_device_placement",
    "set_virtual_device_configuration",
    "set_visible_devices",
]


class PhysicalDevice(NamedTuple):
    """A device of this machine."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device for computing."""

    name: str
    device_type: str


class LogicalDeviceConfiguration(NamedTuple):
    """Limits of a graphics processor, which hoiquy does not use."""

    memory_limit: float | None = None
    experimental_priority: int | None = None
    experimental_device_ordinal: int | None = None


VirtualDeviceConfiguration = LogicalDeviceConfiguration


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """One processor; no device of another type."""
    return [PhysicalDevice("/physical_device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """One processor; no device of another type."""
    return [LogicalDevice("/device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


get_visible_devices = list_physical_devices


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Do nothing."""


def set_memory_growth(device: PhysicalDevice, enable: bool) -> None:
    """Do nothing."""


def set_logical_device_configuration(device: PhysicalDevice, logical_devices: Any) -> None:
    """Do nothing."""


set_virtual_device_configuration = set_logical_device_configuration


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Do nothing, with one warning: HOIQUY_THREADS sets the number of threads."""
    record_ignored(
        "tf.config.threading", "num_threads", "HOIQUY_THREADS sets the number of threads"
    )


set_inter_op_parallelism_threads = set_intra_op_parallelism_threads


def enable_op_determinism() -> None:
    """Do nothing: hoiquy always gives the same bits after `set_random_seed`."""


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Do nothing: there are no graphs."""


def set_jit(enabled: Any) -> None:
    """Do nothing: hoiquy always compiles its kernels."""


def get_soft_device_placement() -> bool:
    return True


def set_soft_device_placement(enabled: bool) -> None:
    """Do nothing."""
